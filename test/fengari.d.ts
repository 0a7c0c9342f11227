/** fengari carries no types; the tests run our Lua by it, as Argo CD does by an interpreter of its own. */
declare module 'fengari' {
  /** A Lua state and a Lua string: only ever handed on. */
  export type State = { readonly state: unique symbol };
  export type Text = Uint8Array;
  interface Api {
    readonly LUA_OK: number;
    lua_createtable(state: State, items: number, keys: number): void;
    lua_pushboolean(state: State, value: boolean): void;
    lua_pushcfunction(state: State, run: (state: State) => number): void;
    lua_pushnil(state: State): void;
    lua_pushnumber(state: State, value: number): void;
    lua_pushstring(state: State, value: Text): void;
    lua_rawset(state: State, at: number): void;
    lua_rawseti(state: State, at: number, index: number): void;
    lua_setglobal(state: State, name: Text): void;
    lua_getfield(state: State, at: number, name: Text): number;
    lua_pcall(state: State, inputs: number, outputs: number, handler: number): number;
    lua_tojsstring(state: State, at: number): string | null;
    lua_pop(state: State, count: number): void;
  }
  interface Aux {
    luaL_newstate(): State;
    luaL_loadstring(state: State, text: Text): number;
    luaL_requiref(state: State, name: Text, open: (state: State) => number, isGlobal: boolean): void;
  }
  interface Libraries {
    readonly luaopen_base: (state: State) => number;
    readonly luaopen_table: (state: State) => number;
    readonly luaopen_string: (state: State) => number;
    readonly luaopen_math: (state: State) => number;
  }
  const fengari: {
    readonly lua: Api;
    readonly lauxlib: Aux;
    readonly lualib: Libraries;
    readonly to_luastring: (text: string) => Text;
  };
  export default fengari;
}
