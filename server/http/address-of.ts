import type { Request } from './route.ts'

/** Who is asking, by address. Behind a proxy that is trusted, the last hop it names is the client. */
export const addressOf =
  (trustProxy: boolean) =>
  (request: Request): string => {
    const forwarded = trustProxy
      ? request.req.header('x-forwarded-for')?.split(',').at(-1)?.trim()
      : undefined
    return forwarded || request.env.incoming.socket.remoteAddress || 'unknown'
  }
