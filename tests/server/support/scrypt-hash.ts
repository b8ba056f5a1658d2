/** The password `Correct-horse-7` as better-auth hashed it by scrypt (N 16384, r 16): how older versions kept passwords. */
export const scryptHash = [
  'ddd3e85bf913962aa5c9e04f74993a82',
  'a6bb7ba825456eacb0d20b117102fe700ccf2cd0db70c7e1c78bdcfde5af1a91' +
    '092f17ca04fcddd72acce423665f25f2a233b98cb7d215d80d2874e696cc60cd',
].join(':')
