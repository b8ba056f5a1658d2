import type { Route } from '../http/route.ts'
import { forgotRoutes } from './forgot-routes.ts'
import { joinRoutes } from './join-routes.ts'
import { type ResetParts, resetRoutes } from './reset-routes.ts'
import { type SignUpParts, signUpRoutes } from './sign-up-routes.ts'

/** The pages by which people come to an account, or back to it. */
export const accountPageRoutes = (parts: ResetParts & SignUpParts): Route[] => [
  ...forgotRoutes(parts),
  ...resetRoutes(parts),
  ...signUpRoutes(parts),
  ...joinRoutes(parts),
]
