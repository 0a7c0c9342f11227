/** A key that signs our commits, without what is secret of it. */
export interface SigningKey {
  /** For people: `SSH key ssh-ed25519 SHA256:…`. */
  readonly name: string;
  /** Addresses that the key names; null where its format names none. */
  readonly emails: readonly string[] | null;
  /** Epoch milliseconds; null where it never ends. */
  readonly expiresAt: number | null;
}
