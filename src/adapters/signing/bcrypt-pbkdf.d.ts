/** The package has no types of its own. */
declare module 'bcrypt-pbkdf' {
  interface Bcrypt {
    /** Fills `key`; 0 when all went well. */
    pbkdf(
      password: Uint8Array,
      passwordLength: number,
      salt: Uint8Array,
      saltLength: number,
      key: Uint8Array,
      keyLength: number,
      rounds: number,
    ): number;
  }
  const bcrypt: Bcrypt;
  export default bcrypt;
}
