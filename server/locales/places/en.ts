/**
 * The texts of places, in English; the other languages have the same shape. Those of `page` go to the page's script too, so
 * what varies in them stands in braces: `{place}`, `{n}`, `{time}`.
 */
export const placesInEnglish = {
  page: {
    reachable: '{place} can be reached now.',
    busy: '{place} is busy at this moment.',
    nobody: 'Nobody at {place} can be reached at this moment.',
    hours: '{place} is closed now.',
    opens: 'It opens {time}.',
    shut: '{place} takes no calls now.',
    unknown: 'Whether {place} can be reached is not known at this moment.',
    checking: 'Looking whether {place} can be reached …',
    noConnection: 'There is no connection to the server. Whether {place} can be reached is not known.',
    removed: 'There is no {place} at this address any more.',
    wasReachable:
      'When this page was loaded, {place} could be reached. Whether that is still so is not known: load the page anew.',
    wasOtherwise: 'How it stands with {place} now is not known. Load the page anew to see.',
    confirmed: 'Confirmed {time}',
    waitingOne: 'One visitor is waiting.',
    waitingMany: '{n} visitors are waiting.',

    call: 'Call',
    callAgain: 'Call again',
    waitInLine: 'Wait in line',
    calling: 'Asking {place} …',
    trying: 'Trying to reach {place} …',
    ringingOne: 'Ringing one person.',
    ringingTwo: 'Ringing two people.',
    ringingMany: 'Ringing {n} people.',
    first: 'You are next.',
    second: 'You are second in line.',
    third: 'You are third in line.',
    nth: 'You are number {n} in line.',
    stay: 'Stay on this page: if it is closed, you lose your place.',
    waitingLost: 'The connection is lost. Trying again …',
    answered: 'Answered. You are taken to the room.',
    hangUp: 'Hang up',

    declined: '{place} cannot take your call now.',
    unanswered: 'Nobody answered.',
    unreachable: 'Nobody at {place} could be reached after all.',
    notKnown: 'Whether {place} can be reached is not known, so nobody is called. Try again in half a minute.',
    cancelled: 'You hung up. Nobody is called any more.',
    left: 'Nothing was heard of this page for too long, so nobody is called any more.',
    gone: 'There is no {place} at this address any more, so nobody is called.',
    full: 'Too many visitors are waiting at {place} already, or several from where you are. Nobody is called.',
    blocked: '{place} takes no calls from where you are.',
    noRoom:
      'At this address browsers allow neither camera nor microphone, so nobody could talk to you. Nobody is called. Whoever runs this page has to offer it by https.',
    tooMany: 'That was asked for too often. Nobody is called. Try again in {n} seconds.',
    failed:
      'That did not work. Should anybody be called even so, that stops within seconds. Try again in a moment.',
    hungUp: 'You hung up. Should anybody still be called, that stops within seconds.',
    slow: 'No answer yet. Trying again …',
    hangingUp: 'Hanging up …',
    nameMissing: 'Enter your name.',
    nameTooLong: 'A name has at most 50 characters here, and no control characters.',
    proving: 'Much is asked for at this moment. One second …',
    leaveInstead: 'Leave a message instead',
  },
  title: (place: string) => place,
  callTitle: 'Call',
  yourName: 'Your name',
  noScript:
    'To call from this page, your browser has to allow its script. You can leave a message without it.',
  message: {
    title: 'Leave a message',
    about: (place: string) => `It is delivered to all who belong to ${place}.`,
    wayBack: 'How can you be answered?',
    wayBackHint: 'An email address or a telephone number',
    text: 'Your message',
    button: 'Leave the message',
    errors: {
      name: 'Enter your name, with at most 50 characters.',
      wayBack: 'Say how you can be answered, with at most 200 characters.',
      text: 'Write your message, with at most 2000 characters, in at most 500 lines.',
    },
    crowded:
      'Much is being left here at this moment. Wait a minute, and press the button again: your message is delivered once, however often you do.',
    tooSoon:
      'Too much was asked for from where you are, so nothing was done this time. Press the button again in a moment: your message is delivered once, however often you do.',
    unsure:
      'Whether your message was delivered is not known. Press the button again: it is delivered once, however often you do.',
    blockedTitle: 'No message is taken',
    blocked: (place: string) => `${place} takes no messages from where you are.`,
    shut: (place: string) => `${place} takes no messages now.`,
    sentTitle: 'Delivered',
    sent: (place: string) => `Your message is with all who belong to ${place}.`,
    back: (place: string) => `Back to ${place}`,
  },
  /** What members read. */
  left: {
    heading: (place: string) => `A visitor of “${place}” left a message. Nobody has checked who they are.`,
    from: (name: string) => `Name: ${name}`,
    wayBack: (how: string) => `Answer to: ${how}`,
  },
  embed: {
    open: 'Call',
    openLabel: (place: string) => `Call ${place}, in a new tab`,
  },
  image: {
    reachable: 'Reachable',
    busy: 'Busy',
    closed: 'Closed',
    unknown: 'Not known',
    at: (time: string) => `at ${time}`,
  },
  embedding: {
    title: (place: string) => `Show ${place} on your site`,
    opening:
      'Copy one of these into a page of yours. Neither sets cookies or keeps anything in your visitors’ browsers, and pressing “Call” opens a new tab.',
    frameTitle: 'A frame that keeps itself true',
    frame:
      'It asks again every few seconds, and says so when it cannot. Whoever runs the server allows your site first:',
    imageTitle: 'An image',
    image:
      'It is true for the time that stands in it, and turns grey a few seconds later; it does not ask again. Use the frame where you can.',
    here: 'This is how it looks',
  },
  account: {
    title: 'Places',
    about: 'Places by which visitors call you.',
    only: 'You are its only member: to anybody who looks, it tells whether you can be reached. It does so only if you agree.',
    agreed: 'You are its only member and have agreed that it tells whether you can be reached.',
    agree: 'Agree',
    withdraw: 'Take that back',
    leave: 'Leave',
    visitors: 'Its last visitors',
    block: 'Block',
    blocked: 'Blocked',
    unblock: 'Unblock',
    blockAbout:
      'Whoever is blocked can neither call nor leave a message here, from the same network, for 90 days.',
    states: {
      queued: 'waiting',
      calling: 'calling',
      answered: 'answered',
      declined: 'declined',
      unanswered: 'not answered',
      unreachable: 'nobody could be reached',
      cancelled: 'hung up',
      left: 'gone before an answer',
    },
  },
}

export type PlaceTexts = typeof placesInEnglish
