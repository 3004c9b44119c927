import { monotonicSeconds } from '../../base/clock.ts'
import { invariant, messageOf } from '../../base/errors.ts'
import type { HostTensors } from '../../base/tensors.ts'
import type { CompileOptions, Engine, RunRequest, RunResult, Session } from '../engine.ts'
import type { Program } from '../program.ts'
import { NotStackable } from './commonGraph.ts'
import { type Asked, type LaneHost, LaneSession } from './laneSession.ts'
import { mapEntries } from './mapEntries.ts'
import { sameBitsInAnyStack } from './sameBits.ts'
import { SharedFunctions } from './sharedFunctions.ts'
import { stackColumns, stackRequests, stackStates, unstackResult, unstackState } from './stackData.ts'
import { stackPrograms } from './stackPrograms.ts'

/** A stack of one is lowered to other operations than one of several, so a stack has at least two lanes. */
const fewest = 2

export interface LaneGroupHooks {
  /** After every call of the stacked program: its steps and how long it took, in seconds. */
  called?(steps: number, seconds: number): void
  /** The programs turned out to be different computations; every lane runs by itself. */
  apart?(reason: string): void
}

/** One run's place in a group. */
export interface LanePlace {
  /** The engine as this run sees it: its session is a lane, its functions are shared with the others. */
  readonly engine: Engine
  /** The others wait for this run no longer. */
  leave(): void
}

type Listeners = Pick<CompileOptions, 'note' | 'runsAs'>

/** A compiled stack: which lane is in which place; places that a lane has left repeat another lane, so that they stay finite. */
interface Stack {
  readonly session: Session
  readonly places: readonly LaneSession[]
  /** Each lane's own place, which it keeps while others leave. */
  readonly placeOf: ReadonlyMap<LaneSession, number>
  readonly perLane: ReadonlySet<string>
}

/**
 * Trains several runs as one program. Every run drives a session of its own; a call is made when all of them have asked for steps,
 * for the fewest steps that any of them still wants. A lane may leave at any time; the others go on.
 */
export class LaneGroup {
  readonly #engine: Engine
  readonly #functions: SharedFunctions
  readonly #hooks: LaneGroupHooks
  readonly #lanes = new Set<LaneSession>()
  #options: CompileOptions | null = null
  /** Who hears how a lane's program runs. */
  readonly #listeners = new Map<LaneSession, Listeners>()
  #lastNote = ''
  /** Runs that have neither opened their session nor left. */
  #expected: number
  #stack: Stack | null = null
  #read: Promise<HostTensors> | null = null
  #busy = false

  /** @param size number of runs that will open a session or leave */
  constructor(engine: Engine, size: number, hooks: LaneGroupHooks = {}) {
    this.#engine = engine
    this.#functions = new SharedFunctions(engine)
    this.#expected = size
    this.#hooks = hooks
  }

  /** A place for one run; it has to leave however it ends. */
  join(): LanePlace {
    let lane: LaneSession | null = null
    let here = true
    const engine: Engine = {
      id: this.#engine.id,
      describe: () => this.#engine.describe(),
      compile: async (program, options) => (lane = this.#open(program, options)),
      compileFunction: (fn, options) => this.#functions.compile(fn, options)
    }
    const leave = (): void => {
      if (!here) return
      here = false
      if (lane === null) this.#expected--
      else this.#lanes.delete(lane)
      this.#ready()
      void this.#closeIfEmpty()
    }
    return { engine, leave }
  }

  #open(program: Program, options: CompileOptions): LaneSession {
    this.#options = options
    const host: LaneHost = {
      ready: () => this.#ready(),
      read: lane => this.#readLane(lane),
      alone: lane => this.#alone(lane),
      left: lane => this.#left(lane)
    }
    const lane = new LaneSession(program, host)
    this.#lanes.add(lane)
    this.#listeners.set(lane, { note: options.note, runsAs: options.runsAs })
    this.#expected--
    return lane
  }

  #ready(): void {
    const lanes = [...this.#lanes]
    if (this.#busy || this.#expected > 0 || lanes.length === 0 || lanes.some(({ asked }) => !asked)) return
    this.#busy = true
    void this.#call(lanes).finally(() => {
      this.#busy = false
      this.#ready()
      void this.#closeIfEmpty()
    })
  }

  async #call(lanes: readonly LaneSession[]): Promise<void> {
    try {
      await this.#step(lanes)
    } catch (error) {
      if (error instanceof NotStackable) return this.#separate(lanes, messageOf(error))
      for (const lane of lanes) answer(lane, ({ reject }) => reject(error))
    }
  }

  async #step(lanes: readonly LaneSession[]): Promise<void> {
    const { session, places, placeOf } = await this.#prepare(lanes)
    const steps = Math.min(...lanes.map(({ asked }) => asked!.request.steps - asked!.done))
    const requests = places.map(({ program, asked }) => partOf(program, asked!, steps))
    this.#read = null
    const began = monotonicSeconds()
    const result = await session.run(stackRequests(places[0].program, requests))
    this.#hooks.called?.(steps, monotonicSeconds() - began)
    for (const lane of lanes) this.#hand(lane, placeOf.get(lane)!, places.length, steps, result)
  }

  /** Gives a lane its part; one that became non-finite leaves the group, so that the others are not held up by it. */
  #hand(lane: LaneSession, place: number, lanes: number, steps: number, all: RunResult): void {
    const asked = lane.asked!
    const part = unstackResult(all, lane.program.metrics.length, lanes, place)
    asked.parts.push(part)
    asked.done += steps
    const bad = part.finite.includes(0)
    if (bad) {
      this.#lanes.delete(lane)
      // Compiled when it is looked at: what follows is the search for the step that did it.
      lane.separate().catch(() => undefined)
    }
    if (bad || asked.done === asked.request.steps)
      answer(lane, ({ resolve, parts }) => resolve(joined(parts)))
  }

  /** The compiled stack with the states and columns that its lanes have now. */
  async #prepare(lanes: readonly LaneSession[]): Promise<Stack> {
    const present = this.#stack
    const stays = present && !this.#shouldShrink(present, lanes)
    const places = stays ? filled(present.places, lanes) : filled([...lanes], lanes)
    const moved = !stays || places.some((lane, i) => lane !== present.places[i])
    const columns = moved || lanes.some(({ columnsChanged }) => columnsChanged)
    const stacked = columns
      ? stackColumns(
          places[0].program,
          places.map(lane => lane.columns),
          present?.perLane
        )
      : null
    const compiles = !stays || (stacked !== null && stacked.perLane.size > present.perLane.size)
    const states =
      compiles || moved || lanes.some(({ pending }) => pending) ? await this.#states(places) : null
    const perLane = stacked?.perLane ?? present!.perLane
    const session = compiles ? await this.#compile(places, perLane) : present.session
    const placeOf = stays ? present.placeOf : new Map(lanes.map((lane, i) => [lane, i]))
    const stack = { session, places, placeOf, perLane }
    this.#stack = stack
    if (states) {
      this.#read = null
      await session.load(stackStates(states))
    }
    if (stacked) await session.setColumns(stacked.columns)
    for (const lane of lanes) Object.assign(lane, { pending: null, columnsChanged: false })
    return stack
  }

  #shouldShrink({ places }: Stack, lanes: readonly LaneSession[]): boolean {
    const needed = Math.max(fewest, lanes.length)
    return needed <= places.length / 2 && sameBitsInAnyStack(this.#engine.id)
  }

  async #states(places: readonly LaneSession[]): Promise<HostTensors[]> {
    const states = new Map<LaneSession, HostTensors>()
    for (const lane of new Set(places)) states.set(lane, lane.pending ?? (await this.#readLane(lane)))
    return places.map(lane => states.get(lane)!)
  }

  async #compile(places: readonly LaneSession[], perLane: ReadonlySet<string>): Promise<Session> {
    const program = stackPrograms(
      places.map(lane => lane.program),
      perLane
    )
    await this.#stack?.session.close()
    this.#stack = null
    return this.#engine.compile(program, {
      ...this.#options!,
      note: text => this.#tell(text),
      runsAs: execution => this.#lanes.forEach(lane => this.#listeners.get(lane)?.runsAs?.(execution))
    })
  }

  /** Tells every lane that is still here, once: a stack is compiled again when lanes leave. */
  #tell(text: string): void {
    if (text === this.#lastNote) return
    this.#lastNote = text
    for (const lane of this.#lanes) this.#listeners.get(lane)?.note?.(text)
  }

  async #readLane(lane: LaneSession): Promise<HostTensors> {
    const stack = this.#stack
    invariant(stack, 'the state was read before one was loaded')
    this.#read ??= stack.session.read()
    return unstackState(await this.#read, stack.placeOf.get(lane)!)
  }

  async #alone(lane: LaneSession): Promise<Session> {
    const session = await this.#engine.compile(lane.program, {
      ...this.#options!,
      ...this.#listeners.get(lane)
    })
    if (lane.pending) await session.load(lane.pending)
    await session.setColumns(lane.columns)
    return session
  }

  /** Every lane by itself from here on: what they do cannot be made one program. */
  async #separate(lanes: readonly LaneSession[], reason: string): Promise<void> {
    this.#hooks.apart?.(reason)
    for (const lane of lanes) {
      this.#lanes.delete(lane)
      try {
        const session = await lane.separate()
        const { request } = lane.asked!
        void session.run(request).then(
          result => answer(lane, ({ resolve }) => resolve(result)),
          (error: unknown) => answer(lane, ({ reject }) => reject(error))
        )
      } catch (error) {
        answer(lane, ({ reject }) => reject(error))
      }
    }
  }

  async #left(lane: LaneSession): Promise<void> {
    this.#lanes.delete(lane)
    this.#ready()
    await this.#closeIfEmpty()
  }

  async #closeIfEmpty(): Promise<void> {
    if (this.#lanes.size > 0 || this.#expected > 0 || this.#busy) return
    const stack = this.#stack
    this.#stack = null
    await stack?.session.close()
  }
}

function answer(lane: LaneSession, how: (asked: Asked) => void): void {
  const { asked } = lane
  lane.asked = null
  if (asked) how(asked)
}

/** The lanes in their places; a place whose lane has left, and a place too many, repeats the first. */
function filled(places: readonly LaneSession[], lanes: readonly LaneSession[]): LaneSession[] {
  const size = Math.max(fewest, places.length)
  return Array.from({ length: size }, (_, i) => (lanes.includes(places[i]) ? places[i] : lanes[0]))
}

/** The next `steps` steps of what a lane asked for. */
function partOf(program: Program, { request, done }: Asked, steps: number): RunRequest {
  if (done === 0 && request.steps === steps) return request
  const cut = <T extends Float32Array | Int32Array>(data: T): T => {
    const size = data.length / request.steps
    return data.subarray(done * size, (done + steps) * size) as T
  }
  return {
    steps,
    indices: cut(request.indices),
    noise: mapEntries(program.noise, (_, name) => cut(request.noise[name]))
  }
}

function joined(parts: readonly RunResult[]): RunResult {
  if (parts.length === 1) return parts[0]
  const metrics = parts.flatMap(part => [...part.metrics])
  const finite = parts.flatMap(part => [...part.finite])
  return { metrics: Float32Array.from(metrics), finite: Uint8Array.from(finite) }
}
