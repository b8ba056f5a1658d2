/** What most who open the popup do not ask for, in one file. */
export { ReadinessLine } from '../ReadinessLine.tsx'
export { Rehearsal } from '../Rehearsal.tsx'
export { AddContact } from './AddContact.tsx'
export { BusyUntilTime } from './BusyUntilTime.tsx'
export { CallList } from './CallList.tsx'
export { ExpectAt } from './ExpectAt.tsx'
export { ExpectedCalls } from './ExpectedCalls.tsx'
export { ReadyAnswers } from './ReadyAnswers.tsx'
