import type { HostTensors } from '../../base/tensors.ts'
import { eagerEngine } from '../eager/index.ts'
import type { Session } from '../engine.ts'
import type { ProbeCase } from './probeCase.ts'

/** A session with the case's state and data. */
export async function ready(one: ProbeCase, session: Session): Promise<Session> {
  await session.load(one.state)
  await session.setColumns(one.columns)
  return session
}

/**
 * How far an engine's first steps are from the op-by-op engine's: the largest difference in metrics and state, relative to the larger
 * of 1 and the value; NaN where one side alone is not a number. Closes the session.
 * @param compiled of the case's program
 */
export async function differenceFromEager(one: ProbeCase, compiled: Session, steps: number): Promise<number> {
  const reference = await ready(one, await eagerEngine.compile(one.program, { threads: 1 }))
  const session = await ready(one, compiled)
  const request = one.request(0, steps)
  const [expected, actual] = [await reference.run(request), await session.run(request)]
  const states = [await reference.read(), await session.read()] as const
  await session.close()
  await reference.close()
  return Math.max(largest(actual.metrics, expected.metrics), differenceOfStates(...states))
}

function differenceOfStates(expected: HostTensors, actual: HostTensors): number {
  return Math.max(...Object.entries(expected).map(([name, { data }]) => largest(actual[name].data, data)))
}

function largest(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let most = 0
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(actual[i], expected[i])) continue
    most = Math.max(most, Math.abs(actual[i] - expected[i]) / Math.max(1, Math.abs(expected[i])))
  }
  return most
}
