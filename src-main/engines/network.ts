/** Requests to a package index, and what their failures mean to the person. */
import { UserError } from '../base/errors.ts'
import { proxyOf } from './proxy.ts'

/** How long a server may say nothing before the request counts as failed. */
export const silentMs = 30_000

/** An address without the name and password that it may carry: those are for the server alone, never for a message. */
export function shownAddress(address: string): string {
  const url = new URL(address)
  return `${url.protocol}//${url.host}${url.pathname}`.replace(/\/$/, '')
}

/**
 * A request whose failure can be explained. A name and password in the address of the index are sent to its host alone.
 * @throws UserError for everything that another attempt cannot mend, {@link Unreachable} for the rest
 */
export async function request(
  address: string,
  options: { readonly index: string; readonly headers?: Record<string, string>; readonly signal: AbortSignal }
): Promise<Response> {
  const url = new URL(address)
  const index = new URL(options.index)
  const headers: Record<string, string> = { ...options.headers }
  if (index.username !== '' && url.host === index.host) {
    const pair = `${decoded(index.username, options.index)}:${decoded(index.password, options.index)}`
    headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`
  }
  url.username = ''
  url.password = ''
  try {
    return await fetch(url, { headers, signal: options.signal })
  } catch (error) {
    throw explained(error, url.host, proxyOf(url))
  }
}

/** A name or password as it is meant; what it is stays out of the message. @throws UserError('invalid-config') */
function decoded(text: string, index: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new UserError(
      'invalid-config',
      `the name or password in the address of ${shownAddress(index)} has a % that is no escape; write %25 for a % in it`
    )
  }
}

/** A failure that may be over in a moment. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
  readonly proxy: string | null

  constructor(message: string, proxy: string | null = null) {
    super(message)
    this.proxy = proxy
  }
}

const wheelInstead =
  'or take the files from another machine: stitchwork engines install tensorflow --wheel FILE'

/** What a failed request says to the person, or {@link Unreachable} when it is worth another attempt. */
export function explained(error: unknown, host: string, proxy: string | null = null): Error {
  if (error instanceof UserError || error instanceof Unreachable) return error
  const code = codeOf(error)
  if (/CERT|SIGNED|ISSUER|SIGNATURE|ERR_TLS|ERR_SSL|SSL_/i.test(code)) {
    return new UserError(
      'io-error',
      `the certificate of ${host} is not trusted here (${code}); behind a proxy that inspects traffic, set ` +
        `NODE_EXTRA_CA_CERTS to the file of its certificate authority and start again, ${wheelInstead}`
    )
  }
  const refusal = proxyRefusal(error)
  if (refusal !== null && !passing(refusal)) return refused(host, proxy ?? '', refusal)
  const way = proxy === null ? '' : ` through the proxy ${proxy}`
  return new Unreachable(`${host} cannot be reached${way} (${code})`, proxy)
}

/** What {@link Unreachable} says when no attempt has helped. */
export const gaveUp = (error: Unreachable): UserError =>
  new UserError(
    'io-error',
    `${error.message}; check the network (${error.proxy === null ? 'behind a proxy, set HTTPS_PROXY' : 'and the proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name'}) ` +
      `and install again, it goes on where it stopped, ${wheelInstead}`
  )

/** Status with which a proxy has refused to connect; null: that is not what went wrong. */
function proxyRefusal(error: unknown): number | null {
  const { cause, message } = error as { cause?: unknown; message?: string }
  if (cause !== undefined && cause !== null) return proxyRefusal(cause)
  const status = /Proxy response \((\d+)\)/.exec(message ?? '')?.[1]
  return status === undefined ? null : Number(status)
}

const refused = (host: string, proxy: string, status: number): UserError =>
  new UserError(
    'forbidden',
    status === 407
      ? `the proxy ${proxy} asks for a name and password (407); put them into its address in HTTPS_PROXY and start again`
      : `the proxy ${proxy} does not connect to ${host} (${status}); name another index with --index, ${wheelInstead}`
  )

/** The system's name of a failure, from the innermost cause. */
function codeOf(error: unknown): string {
  const { code, cause, message } = error as { code?: string; cause?: unknown; message?: string }
  if (cause !== undefined && cause !== null) return codeOf(cause)
  return typeof code === 'string' ? code : (message ?? String(error))
}

/** True for answers that another attempt may change. */
const passing = (status: number): boolean => status === 408 || status === 429 || status >= 500

/**
 * Sorts out answers that are not the file.
 * @throws UserError | Unreachable
 */
export function checkStatus(response: Response, what: string, host: string): void {
  if (response.ok) return
  const { status } = response
  if (passing(status)) throw new Unreachable(`${host} answers ${status} to ${what}`)
  if (status === 401 || status === 403 || status === 407) {
    throw new UserError(
      'forbidden',
      `${host} refuses ${what} (${status}); put name and password of the index or proxy into its address`
    )
  }
  throw new UserError(
    'not-found',
    `${host} has no ${what} (${status}); name another index with --index, ${wheelInstead}`
  )
}

/** Pauses before the second, third, ... attempt, in milliseconds. */
const backoffMs = [1_000, 2_000, 4_000, 8_000, 15_000]

export type Wait = (ms: number) => Promise<void>
export const waitMs: Wait = ms => new Promise(resolve => setTimeout(resolve, ms))

/**
 * Does something again while it fails for reasons that may pass.
 * @param progressed true when the failed attempt brought something: then counting starts anew
 * @throws UserError
 */
export async function persistently<T>(
  attempt: () => Promise<T>,
  wait: Wait,
  progressed: () => boolean = () => false
): Promise<T> {
  for (let failures = 0; ;) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error
      if (progressed()) failures = 0
      if (failures === backoffMs.length) throw gaveUp(error)
      await wait(backoffMs[failures++])
    }
  }
}
