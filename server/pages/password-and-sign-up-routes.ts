import type { Route } from '../http/route.ts'
import { forgotRoutes } from './forgot-routes.ts'
import { registerRoutes } from './register-routes.ts'
import { type ResetDependencies, resetRoutes } from './reset-routes.ts'
import { type SignUpDependencies, signUpRoutes } from './sign-up-routes.ts'

/** The pages by which people come to an account, or back to it. */
export const passwordAndSignUpRoutes = (dependencies: ResetDependencies & SignUpDependencies): Route[] => [
  ...forgotRoutes(dependencies),
  ...resetRoutes(dependencies),
  ...signUpRoutes(dependencies),
  ...registerRoutes(dependencies),
]
