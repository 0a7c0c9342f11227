import fengari, { type State } from 'fengari';

const { lua, lauxlib, lualib, to_luastring: bytes } = fengari;

/** What a health check answered. */
export interface Health {
  readonly status: string | null;
  readonly message: string | null;
}

/** `open`: as with `useOpenLibs`; `closed`: without, where texts cannot be taken apart. */
export type Libraries = 'open' | 'closed';

/**
 * Runs a health check as Argo CD does: `obj` is the object, what the script returns is the answer. Argo CD runs Lua 5.1, this is
 * 5.3: what the newer one has and the older one has not is refused before.
 */
export function runLua(script: string, object: unknown, libraries: Libraries): Health {
  const state = lauxlib.luaL_newstate();
  const { luaopen_base, luaopen_table, luaopen_string, luaopen_math } = lualib;
  const always = [['_G', luaopen_base] as const, ['table', luaopen_table] as const];
  const opened = [['string', luaopen_string] as const, ['math', luaopen_math] as const];
  for (const [name, open] of libraries === 'open' ? [...always, ...opened] : always) {
    lauxlib.luaL_requiref(state, bytes(name), open, true);
    lua.lua_pop(state, 1);
  }
  push(state, object);
  lua.lua_setglobal(state, bytes('obj'));
  const isLoaded = lauxlib.luaL_loadstring(state, bytes(script)) === lua.LUA_OK;
  if (!isLoaded || lua.lua_pcall(state, 0, 1, 0) !== lua.LUA_OK) {
    throw new Error(lua.lua_tojsstring(state, -1) ?? 'Lua failed');
  }
  return { status: textOf(state, 'status'), message: textOf(state, 'message') };
}

function textOf(state: State, name: string): string | null {
  lua.lua_getfield(state, -1, bytes(name));
  const text = lua.lua_tojsstring(state, -1);
  lua.lua_pop(state, 1);
  return text;
}

function push(state: State, value: unknown): void {
  if (typeof value === 'string') lua.lua_pushstring(state, bytes(value));
  else if (typeof value === 'number') lua.lua_pushnumber(state, value);
  else if (typeof value === 'boolean') lua.lua_pushboolean(state, value);
  else if (value === null || value === undefined) lua.lua_pushnil(state);
  else pushTable(state, value);
}

function pushTable(state: State, value: object): void {
  lua.lua_createtable(state, 0, 0);
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) {
      push(state, item);
      lua.lua_rawseti(state, -2, at + 1);
    }
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined || item === null) continue;
    lua.lua_pushstring(state, bytes(key));
    push(state, item);
    lua.lua_rawset(state, -3);
  }
}
