/** Before every external term (and every distribution header), never inside one. */
export const VERSION = 131;
