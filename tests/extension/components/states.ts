import type {
  DeviceCallEnd,
  GapSummary,
  IncomingCall,
  MissedCall,
  SessionState,
  State,
  UnreachableReason,
} from '../../../messages/state.ts'

export const ann = { name: 'Ann Example', username: 'ann', email: 'ann@clinic.example', picture: null }

export const signedIn: State = {
  server: 'https://reachable.example',
  session: { kind: 'signed-in', account: ann },
  offers: { issuer: null, forgot: false, signUp: false },
  reachability: { kind: 'checking' },
  calls: [],
  furtherCalls: 0,
  people: null,
  missed: [],
  seen: null,
  gaps: [],
  readiness: { blocked: false, last: { at: 0, seen: true, heard: true }, updated: false },
  settings: {
    ...{ namesInNotifications: false, tellOfOutages: true },
    ...{ ringTone: 'ring', ringVolume: 100, ringTimes: 0 },
  },
}

export const reachable = (confirmedAt = Date.now()): State => ({
  ...signedIn,
  reachability: { kind: 'reachable', confirmedAt },
})

export const unreachable = (why: UnreachableReason): State => ({
  ...signedIn,
  reachability: { kind: 'unreachable', why },
})

type SignedOut = Extract<SessionState, { kind: 'signed-out' }>

export const signedOut = (why: SignedOut['why'] = 'never', draft = ''): State => ({
  ...unreachable('signed-out'),
  session: {
    kind: 'signed-out',
    why,
    resting: why === 'exited',
    draft,
    staySignedIn: false,
    atIssuer: 'idle',
  },
})

/** Each key once, checked by the compiler, so that a new reason cannot be forgotten here. */
export const reasons = Object.keys({
  'signed-out': true,
  exited: true,
  'session-ended': true,
  'no-network': true,
  'server-silent': true,
  'server-cannot-keep-calls': true,
  'server-cannot-bring-calls': true,
  'not-a-reachable-server': true,
  outdated: true,
  'taken-over': true,
  'wrong-address': true,
  'too-many-devices': true,
  storage: true,
} satisfies Record<UnreachableReason, true>) as UnreachableReason[]

export const callEnds = Object.keys({
  'answered-here': true,
  'answered-without-room': true,
  'room-not-opened': true,
  'answered-elsewhere': true,
  'declined-here': true,
  'declined-elsewhere': true,
  cancelled: true,
  missed: true,
  lost: true,
  unknown: true,
} satisfies Record<DeviceCallEnd, true>) as DeviceCallEnd[]

export const call = (
  phase: IncomingCall['phase'] = 'ringing',
  more: Partial<IncomingCall> = {},
): IncomingCall => ({
  id: 'c1',
  from: 'Ben Sample',
  at: 0,
  firstRungAt: Date.now(),
  rungAgain: false,
  test: false,
  phase,
  ...more,
})

export const gap = (more: Partial<GapSummary> = {}): GapSummary => ({
  from: 0,
  until: 60_000,
  stretches: 1,
  missed: 2,
  recorded: true,
  ...more,
})

export const missedCalls = (count: number, at: number): MissedCall[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `m${index}`,
    from: `Caller ${index}`,
    at,
    why: 'no-answer',
  }))
