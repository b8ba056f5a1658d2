/** Names that deceive who reads them, do something to what shows them, or cannot be seen at all. */
export const deceivingNames: readonly string[] = [
  // Control characters and line breaks.
  ...[
    'Dr\u0000Bell',
    'Dr\u001b[31mBell',
    'Dr\nBell',
    'Dr\rBell',
    'Dr\tBell',
    'Dr\u0085Bell',
    'Dr\u2028Bell',
    'Dr\u2029Bell',
  ],
  ...['Dr\u0007Bell', 'Dr\u007fBell', 'Dr\u009b31mBell', 'Dr\u0008\u0008Bell'],
  // What turns round whatever stands beside it.
  ...[
    '\u202eDr Bell',
    'Dr \u202dBell',
    '\u2066Dr\u2069 Bell',
    '\u202aDr\u202c Bell',
    '\u2067lleB rD',
    '\u2068Dr Bell',
  ],
  // Nothing that is seen.
  ...[
    '\u200b',
    '\u200b\u200c\u200d',
    '\u2060\u2061\u2064',
    '\ufeff',
    '\u00ad',
    '\u3164',
    '\u115f\u1160',
    '\uffa0',
    '\u2800',
  ],
  ...[
    '\u180e',
    '\u034f',
    '\u00a0\u3000',
    '\ufe0f',
    '\u{e0041}\u{e0042}',
    '\u0301',
    '\u17b4\u17b5',
    '\ufffc',
    '\u{1d159}',
    ' ',
  ],
  // No characters at all.
  ...['Dr \ud800', '\udc00 Bell', 'Dr\uffffBell', '\ufdd0', '\u{1fffe}'],
  // More than is shown.
  ...['x'.repeat(101), 'a\u0301\u0323'.repeat(60), '\u{1f469}\u200d'.repeat(51)],
]
