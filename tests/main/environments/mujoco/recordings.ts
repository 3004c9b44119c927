import { readFileSync } from 'node:fs'

interface EncodedRobot {
  readonly steps: number
  readonly positions: number
  readonly velocities: number
  readonly actions: number
  readonly starts: readonly number[]
  readonly states: string
  readonly actionRows: string
  readonly rewards: string
  readonly terminated: readonly number[]
  readonly contacts?: {
    readonly rows: readonly number[]
    readonly columns: readonly number[]
    readonly values: string
  }
}

/** One step that Gymnasium recorded. */
export interface RecordedStep {
  /** qpos, then qvel, before and after. */
  readonly state: Float64Array
  readonly next: Float64Array
  readonly action: Float32Array
  readonly reward: number
  readonly terminated: boolean
  /** The contact forces in the observation after it, [78]; null where none are observed. */
  readonly contacts: Float64Array | null
}

export interface RecordedRobot {
  readonly id: string
  readonly positions: number
  readonly episodes: readonly (readonly RecordedStep[])[]
}

const file = new URL('../../../fixtures/environments/robots.json', import.meta.url)

const bytes = (text: string): ArrayBuffer => Uint8Array.from(Buffer.from(text, 'base64')).buffer

function decode(id: string, robot: EncodedRobot): RecordedRobot {
  const width = robot.positions + robot.velocities
  const states = new Float64Array(bytes(robot.states))
  const actions = new Float32Array(bytes(robot.actionRows))
  const rewards = new Float64Array(bytes(robot.rewards))
  const contacts = contactRows(robot)
  const episodes = robot.starts.map((start, episode) => {
    const end = robot.starts[episode + 1] ?? robot.steps
    return Array.from({ length: end - start }, (_, offset): RecordedStep => {
      const step = start + offset
      // each episode has one state more than steps
      const row = step + episode
      return {
        state: states.subarray(row * width, (row + 1) * width),
        next: states.subarray((row + 1) * width, (row + 2) * width),
        action: actions.subarray(step * robot.actions, (step + 1) * robot.actions),
        reward: rewards[step],
        terminated: robot.terminated.includes(step),
        contacts: contacts?.subarray(step * 78, (step + 1) * 78) ?? null
      }
    })
  })
  return { id, positions: robot.positions, episodes }
}

function contactRows({ steps, contacts }: EncodedRobot): Float64Array | null {
  if (contacts === undefined) return null
  const values = new Float64Array(bytes(contacts.values))
  const dense = new Float64Array(steps * 78)
  contacts.rows.forEach((row, index) => (dense[row * 78 + contacts.columns[index]] = values[index]))
  return dense
}

/** What Gymnasium's own robots did under random actions, by id. */
export function recordedRobots(): readonly RecordedRobot[] {
  const { robots } = JSON.parse(readFileSync(file, 'utf8')) as { robots: Record<string, EncodedRobot> }
  return Object.entries(robots).map(([id, robot]) => decode(id, robot))
}
