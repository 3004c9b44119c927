/**
 * Another way of running, taken when the first call is refused. After a call has come through there is no other way: an error is
 * then no refusal, and a run would go on with other bits.
 */
export class Fallback {
  #settled: boolean

  /** @param possible false where there is no other way from the start */
  constructor(possible: boolean) {
    this.#settled = !possible
  }

  /**
   * Works; if that is refused, and nothing has worked before, falls back and works again.
   * @throws what the work threw, when it is no refusal or comes too late for one
   */
  async run<T>(
    work: () => T,
    isRefusal: (error: unknown) => boolean,
    fallBack: (error: unknown) => Promise<void>
  ): Promise<T> {
    try {
      const result = work()
      this.#settled = true
      return result
    } catch (error) {
      if (this.#settled || !isRefusal(error)) throw error
      this.#settled = true
      await fallBack(error)
      return work()
    }
  }
}
