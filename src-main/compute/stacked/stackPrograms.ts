import { mapEntries } from './mapEntries.ts'
import { type Graph, type GraphBuilder } from '../graph.ts'
import { replay } from '../interpret.ts'
import { optimize } from '../passes/index.ts'
import type { Program } from '../program.ts'
import { traceProgram } from '../trace.ts'
import { commonGraph, type CommonGraph } from './commonGraph.ts'
import type { LaneValue } from './laneOps.ts'
import { stackGraph } from './stackGraph.ts'

/**
 * One program that trains several at once, each as if it were alone. Its state, noise and metrics have the lanes as leading axis, its
 * batch is that of lane 0, then that of lane 1, and so on. Its step is recorded, so it runs on every engine as any program does.
 *
 * Columns are shared, [N, width], but for the named ones: of these, row n holds the rows n of all lanes, [N, lanes * width].
 * @param programs equal but for the numbers in their steps
 * @param perLane names of the columns that differ between lanes
 * @throws NotStackable when they do different things
 */
export function stackPrograms(programs: readonly Program[], perLane: ReadonlySet<string>): Program {
  const [one] = programs
  const lanes = programs.length
  const common = commonGraph(programs.map(traceProgram))
  const graph = stackedStep(one, lanes, { ...common, graph: optimize(common.graph) }, perLane)
  const leading = (shape: readonly number[]): number[] => [lanes, ...shape]
  return {
    id: `${one.id} x ${lanes}`,
    lanes,
    state: mapEntries(one.state, ({ shape, dtype }) => ({ shape: leading(shape), dtype })),
    columns: mapEntries(one.columns, ({ width }, name) => ({
      width: perLane.has(name) ? lanes * width : width
    })),
    batchSize: lanes * one.batchSize,
    noise: mapEntries(one.noise, ({ shape, distribution }) => ({ shape: leading(shape), distribution })),
    metrics: one.metrics,
    step(state, batch, noise) {
      const inputs = { ...under('state/', state), ...under('batch/', batch), ...under('noise/', noise) }
      const results = replay(graph, inputs)
      return {
        state: mapEntries(state, (_tensor, name) => results[`state/${name}`]),
        metrics: Object.fromEntries(one.metrics.map(name => [name, results[`metrics/${name}`]])) as never
      }
    }
  }
}

const under = <T>(start: string, record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [start + name, value]))

function stackedStep(
  one: Program,
  lanes: number,
  { graph, laneInputs }: CommonGraph,
  perLane: ReadonlySet<string>
): Graph {
  return stackGraph(graph, lanes, (builder, name): LaneValue => {
    const numbers = laneInputs[name]
    if (numbers) {
      const { shape, dtype, data } = numbers
      return { id: builder.constant(data, { shape: [lanes, ...shape], dtype }), perLane: true }
    }
    const [kind, ...path] = name.split('/')
    const own = path.join('/')
    if (kind === 'batch') return { id: batchInput(builder, one, lanes, own, perLane.has(own)), perLane: true }
    const spec = kind === 'state' ? one.state[own] : { ...one.noise[own], dtype: 'float32' as const }
    const { shape, dtype } = spec
    return { id: builder.input(name, { shape: [lanes, ...shape], dtype }), perLane: true }
  })
}

/** The rows of every lane's batch, [lanes, batch, width], from the rows of all batches. */
function batchInput(
  builder: GraphBuilder,
  one: Program,
  lanes: number,
  name: string,
  perLane: boolean
): number {
  const { batchSize, columns } = one
  const { width } = columns[name]
  const shape = [lanes * batchSize, perLane ? lanes * width : width]
  const rows = builder.input(`batch/${name}`, { shape, dtype: 'float32' })
  if (!perLane) return builder.add('reshape', [rows], { shape: [lanes, batchSize, width] })
  const parts = Array.from({ length: lanes }, (_, lane) =>
    builder.add('slice', [rows], { begin: [lane * batchSize, lane * width], size: [batchSize, width] })
  )
  const all = builder.add('concat', parts, { axis: 0 })
  return builder.add('reshape', [all], { shape: [lanes, batchSize, width] })
}
