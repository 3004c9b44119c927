import type { ChildHandle } from '../base/processHost.ts'
import type { FromGroup, FromTrainer, ToGroup, ToTrainer } from './messages.ts'

/** One run's side of the common process. */
class RunChannel implements ChildHandle {
  readonly #child: ChildHandle
  readonly #runId: string
  readonly #messages: ((message: unknown) => void)[] = []
  readonly #exits: ((code: number | null, signal: string | null) => void)[] = []
  #over = false

  constructor(child: ChildHandle, runId: string) {
    this.#child = child
    this.#runId = runId
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  send(message: unknown): void {
    this.#child.send({ kind: 'to', runId: this.#runId, message: message as ToTrainer } satisfies ToGroup)
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#messages.push(listener)
  }

  onExit(listener: (code: number | null, signal: string | null) => void): void {
    this.#exits.push(listener)
  }

  kill(): void {
    this.#child.kill()
  }

  /** A run that said its last word is over, whatever becomes of the process. */
  receive(message: FromTrainer): void {
    for (const listener of this.#messages) listener(message)
    if (message.kind === 'ended') this.exited(0, null)
  }

  exited(code: number | null, signal: string | null): void {
    if (this.#over) return
    this.#over = true
    for (const listener of this.#exits) listener(code, signal)
  }
}

/**
 * Gives each run of a common process a channel of its own, on which it looks like a process: it exits when its run ends, and when
 * the process goes, with all others.
 */
export function groupChannels(
  child: ChildHandle,
  runIds: readonly string[]
): ReadonlyMap<string, ChildHandle> {
  const channels = new Map(runIds.map(runId => [runId, new RunChannel(child, runId)]))
  child.onMessage(received => {
    const { runId, message } = received as FromGroup
    channels.get(runId)?.receive(message)
  })
  child.onExit((code, signal) => channels.forEach(channel => channel.exited(code, signal)))
  child.send({ kind: 'group', runIds } satisfies ToGroup)
  return channels
}
