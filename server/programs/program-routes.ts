import type { Route } from '../http/route.ts'
import { contactRoutes } from './contact-routes.ts'
import { expectedCallRoutes } from './expected-call-routes.ts'
import { messageRoutes } from './message-routes.ts'
import type { PresenceOfPeople } from './person-presence.ts'
import { presenceRoutes } from './presence-routes.ts'
import type { ProgramDependencies } from './program-dependencies.ts'

/** What programs with a key ask for, besides calls and webhooks. */
export const programRoutes = (dependencies: ProgramDependencies, presence: PresenceOfPeople): Route[] => [
  ...messageRoutes(dependencies),
  ...presenceRoutes(dependencies, presence),
  ...contactRoutes(dependencies),
  ...expectedCallRoutes(dependencies),
]
