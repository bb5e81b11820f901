// Apart, for those who cut packets and need not know what terms are.

/** Bytes of the length before each packet. */
export const LENGTH_BYTES = 4;
