import { monotonicSeconds } from '../base/clock.ts'
import { appendPoints, type FullTail, type PointBlock } from './metrics.ts'
import { sealTail } from './seal.ts'
import { connection, one, run, transaction, type WritableDb } from './sql.ts'

/** Most points in one transaction; a larger one would hold the event loop too long. */
const transactionPoints = 1000
const commitEveryMs = 250
const retryAfterMs = 1000
const syncEverySeconds = 1

export interface MetricWriterOptions {
  /** Called after each commit with the runs whose points it held. */
  readonly onCommitted: (runIds: readonly string[]) => void
  /** Called when a commit fails (full disk, broken disk); the points are kept and tried again every second. */
  readonly onError: (error: unknown) => void
}

interface Pending {
  readonly runId: string
  readonly block: PointBlock
}

/**
 * Gathers points of all runs and commits them at 1000 points or 250 ms, whichever is first, so that a crash of this process
 * loses at most that. One per open store; the run supervisor owns it.
 */
export class MetricWriter {
  readonly #db: WritableDb
  readonly #options: MetricWriterOptions
  #pending: Pending[] = []
  #points = 0
  /** After a failed commit only the timer tries again, not every push. */
  #failing = false
  #timer: NodeJS.Timeout | null = null
  #full: FullTail[] = []
  #lastSync = monotonicSeconds()

  constructor(db: WritableDb, options: MetricWriterOptions) {
    this.#db = db
    this.#options = options
  }

  /** Takes points of a run; they are committed within 250 ms. */
  push(runId: string, blocks: readonly PointBlock[]): void {
    for (const block of blocks) {
      if (block.values.length === 0) continue
      this.#pending.push({ runId, block })
      this.#points += block.values.length
    }
    if (this.#points >= transactionPoints && !this.#failing) this.flush()
    else if (this.#points > 0) this.#schedule(commitEveryMs)
  }

  /** Points taken but not yet committed. */
  get pendingPoints(): number {
    return this.#points
  }

  /**
   * Commits everything taken so far.
   * @returns false when it failed; the points are kept and `onError` has been told
   */
  flush(): boolean {
    this.#cancelTimer()
    const written = new Set<string>()
    let complete = true
    while (complete && this.#pending.length > 0) complete = this.#commitBatch(written)
    this.#failing = !complete
    if (complete) this.#tidy()
    if (written.size > 0) this.#options.onCommitted([...written])
    if (!complete) this.#schedule(retryAfterMs)
    else if (this.#full.length > 0) this.#schedule(commitEveryMs)
    return complete
  }

  /** Drops what was taken of a run that is being removed. */
  discard(runId: string): void {
    this.#pending = this.#pending.filter(pending => pending.runId !== runId)
    this.#points = this.#pending.reduce((sum, pending) => sum + pending.block.values.length, 0)
    this.#full = this.#full.filter(tail => tail.runId !== runId)
  }

  /** Commits what is left and stops the timer. */
  close(): void {
    this.flush()
    this.#cancelTimer()
  }

  #commitBatch(written: Set<string>): boolean {
    const { batch, rest } = takePoints(this.#pending, transactionPoints)
    const number = batchNumber(this.#db) + 1
    try {
      this.#full.push(...commit(this.#db, number, batch))
    } catch (error) {
      this.#options.onError(error)
      // A commit whose sync failed may have happened all the same: then its number is in the store.
      if (!this.#wasCommitted(number)) return false
    }
    this.#pending = rest
    this.#points = rest.reduce((sum, pending) => sum + pending.block.values.length, 0)
    batch.forEach(pending => written.add(pending.runId))
    return true
  }

  #wasCommitted(number: number): boolean {
    try {
      return batchNumber(this.#db) >= number
    } catch (error) {
      this.#options.onError(error)
      return false
    }
  }

  /** Seals one full tail and moves the write-ahead log forward: small pieces of work, between commits. */
  #tidy(): void {
    try {
      const tail = this.#full.shift()
      if (tail !== undefined && sealTail(this.#db, tail)) this.#full.push(tail)
      if (monotonicSeconds() - this.#lastSync < syncEverySeconds) return
      this.#lastSync = monotonicSeconds()
      connection(this.#db).pragma('wal_checkpoint(PASSIVE)')
    } catch (error) {
      this.#options.onError(error)
    }
  }

  #schedule(delayMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      this.flush()
    }, delayMs)
  }

  #cancelTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}

const batchNumber = (db: WritableDb): number =>
  one<{ batch: number }>(db, 'SELECT batch FROM write_marks WHERE id = 1')!.batch

function commit(db: WritableDb, number: number, batch: readonly Pending[]): FullTail[] {
  return transaction(db, () => {
    run(db, 'UPDATE write_marks SET batch = ? WHERE id = 1', number)
    const byRun = Map.groupBy(batch, pending => pending.runId)
    return [...byRun].flatMap(([runId, items]) =>
      appendPoints(
        db,
        runId,
        items.map(item => item.block)
      )
    )
  })
}

/** The first `limit` points, the block at the limit cut in two. */
function takePoints(pending: readonly Pending[], limit: number): { batch: Pending[]; rest: Pending[] } {
  const batch: Pending[] = []
  let room = limit
  for (let i = 0; i < pending.length; i++) {
    const { runId, block } = pending[i]
    if (block.values.length <= room) {
      batch.push(pending[i])
      room -= block.values.length
      continue
    }
    if (room === 0) return { batch, rest: pending.slice(i) }
    batch.push({ runId, block: cut(block, 0, room) })
    return { batch, rest: [{ runId, block: cut(block, room, block.values.length) }, ...pending.slice(i + 1)] }
  }
  return { batch, rest: [] }
}

function cut(block: PointBlock, from: number, to: number): PointBlock {
  const part = (numbers: ArrayLike<number>) => Float64Array.from(numbers).subarray(from, to)
  return {
    key: block.key,
    steps: part(block.steps),
    seconds: part(block.seconds),
    values: part(block.values)
  }
}
