import { UserError } from '../base/errors.ts'

const retryMs = 1000
/** What passes by itself, or once somebody has made room. */
const passing: readonly string[] = ['disk-full', 'io-error', 'store-locked']

/**
 * Things to store, one after the other. While the store cannot take one (a full disk) it waits, with all that follow, and is tried
 * again every second: nothing is lost or overtaken, and the app does not die of it.
 */
export class StoreQueue {
  readonly #waiting: (() => void)[] = []
  readonly #onError: (error: unknown) => void
  readonly #closing: AbortSignal
  #timer: NodeJS.Timeout | null = null
  #working = false

  /**
   * @param onError told of the first failure of a series, and of each that waiting cannot mend, whose work is dropped
   * @param closing aborted when the store is about to be closed: what waits is tried once more
   */
  constructor(onError: (error: unknown) => void, closing: AbortSignal) {
    this.#onError = onError
    this.#closing = closing
  }

  /** Does the work at once where nothing waits, after the present one when called by it; it must bear being repeated after a failure. */
  add(work: () => void): void {
    this.#waiting.push(work)
    if (this.#timer === null && !this.#working) this.#workOff(true)
  }

  readonly #again = (): void => {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#closing.removeEventListener('abort', this.#again)
    this.#workOff(false)
  }

  #workOff(tell: boolean): void {
    while (this.#waiting.length > 0) {
      try {
        this.#do(this.#waiting[0])
      } catch (error) {
        const waits = error instanceof UserError && passing.includes(error.code)
        if (!waits || tell) this.#onError(error)
        if (waits) return this.#wait()
      }
      this.#waiting.shift()
    }
  }

  #do(work: () => void): void {
    this.#working = true
    try {
      work()
    } finally {
      this.#working = false
    }
  }

  #wait(): void {
    if (this.#closing.aborted) return
    this.#timer = setTimeout(this.#again, retryMs)
    this.#timer.unref()
    this.#closing.addEventListener('abort', this.#again)
  }
}
