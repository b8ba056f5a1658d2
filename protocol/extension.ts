/**
 * Who the extension is to browsers, to the server's CORS list and to its list of return addresses. The public key
 * gives every build that is not a store's the same Chromium id; its private half was never kept, since
 * nothing is signed with it.
 */
export const chromiumKey =
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvwYnc9SxNsYrLrQDECGdhgJ4aqfOcs2UWKpzUO+6xlz50NfWIWwYc6uG2xk/B98IzAoSoRFbXl9vT9PARpDv/ZYsxfKh2nhqizrn14dIw0mh7RK2xyDThb9/z48IM/BL4YY2sIfDsc96jsmDoLUzitCYesux/uJfsbZzE2VXMK0P0AbKcnV0A/QO+EdDTbGFXLz3Dm2rTCLXBg0dVhgnme8WUX341wExQBLjP94I5G0FL8hF4pLHqOqx6Rn9kJcexwFMVDFBWDiOZoCXoUCKLkODATwsHzJ6WW54+dITBE4591pmViP0cgJIB8qjyVB9crsV/LVeOW43ZNNkb/PpkQIDAQAB'

/** SHA-256 of the key's bytes, its first 16 bytes written with a–p for 0–f. */
export const chromiumId = 'cafhmnaedhkkgklgajmdhphefgabcbnd'

export const firefoxId = 'reachable@reachable.example'
