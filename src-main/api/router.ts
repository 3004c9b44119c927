import type { Contract, Handlers } from '../../src-preload/contract/define.ts'
import type { Port } from '../../src-preload/contract/frames.ts'
import type { Log } from '../base/log.ts'
import { PortServer, type Method } from './portServer.ts'

export interface RouterOptions {
  readonly log: Log
  /** Checks what handlers return against the contract: on in tests and development. */
  readonly checkResults: boolean
}

/** Serves the contract on any number of ports. */
export interface Router {
  /** Answers requests of this port until it closes; closing it stops its streams. */
  serve(port: Port): void
}

/**
 * Joins a contract to its handlers.
 * @throws invariant when a handler of the contract is missing
 */
export function createRouter<C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
  options: RouterOptions
): Router {
  const methods = new Map<string, Method>()
  for (const [group, entries] of Object.entries(contract)) {
    const implemented = handlers[group] as Readonly<Record<string, Method['handle'] | undefined>> | undefined
    for (const [name, entry] of Object.entries(entries)) {
      const handle = implemented?.[name]
      if (typeof handle !== 'function') throw new Error(`invariant: ${group}.${name} has no handler`)
      methods.set(`${group}.${name}`, { name: `${group}.${name}`, entry, handle: handle.bind(implemented) })
    }
  }
  return { serve: port => void new PortServer(port, methods, options) }
}
