/** Training steps with one rewrite left out, compiled as the engines compile them. */
import type { Session } from '../../src-main/compute/engine.ts'
import { type Graph, rewrite } from '../../src-main/compute/graph.ts'
import { loopModel } from '../../src-main/compute/onnx/loop.ts'
import { createSession } from '../../src-main/compute/onnx/runtime.ts'
import { OnnxSession } from '../../src-main/compute/onnx/session.ts'
import { optimizeStep, type PassName, passNames } from '../../src-main/compute/passes/index.ts'
import type { PackedState } from '../../src-main/compute/passes/packState.ts'
import { multiplyInBfloat16 } from '../../src-main/compute/passes/reducedPrecision.ts'
import type { Program } from '../../src-main/compute/program.ts'
import { stickyStates } from '../../src-main/compute/stickyStates.ts'
import { modeFor } from '../../src-main/compute/tensorflow/index.ts'
import { loadTensorflow } from '../../src-main/compute/tensorflow/runtime.ts'
import { TensorflowSession } from '../../src-main/compute/tensorflow/session.ts'
import { traceProgram } from '../../src-main/compute/trace.ts'
import { unpacked } from '../../src-main/compute/unpacked.ts'

export type PassEngine = 'onnx' | 'tensorflow'

/** A step that lacks something, or has something more. */
export interface Variant {
  readonly title: string
  readonly engines: readonly PassEngine[]
  readonly without?: readonly PassName[]
  /** Writes out what the engine would otherwise rewrite while lowering. */
  readonly plain?: (graph: Graph) => Graph
  /** Looks at every state tensor at every step. */
  readonly watchesAll?: boolean
  /** True of what is usually left out: its gain is the variant's speed to the usual one's. */
  readonly adds?: boolean
}

const both = ['onnx', 'tensorflow'] as const
const withoutPass = (name: PassName, title: string): Variant => ({ title, engines: both, without: [name] })

/** Every rewrite by its name; `usual` leaves nothing out, and `control` is the same again, which shows what chance does. */
export const variants = {
  usual: { title: 'nothing', engines: both },
  control: { title: 'nothing, in a second process', engines: both },
  deadCode: withoutPass('deadCode', 'dead code (`deadCode`)'),
  constants: withoutPass('constants', 'constants folded (`foldConstants`)'),
  identities: withoutPass('identities', 'identities gone (`identities`)'),
  operands: withoutPass('operands', 'operands in their small form (`shrinkOperands`)'),
  sharing: withoutPass('sharing', 'equal expressions once (`shareCommon`)'),
  reluMasks: withoutPass('reluMasks', 'ReLU masks from results (`reluMasks`)'),
  packState: withoutPass('packState', 'small tensors joined in the state (`packState`)'),
  everyPass: { title: 'all of these', engines: both, without: passNames },
  biasProducts: { title: 'bias gradients as products with ones', engines: ['onnx'], plain: plainSums },
  hardSigmoid: { title: 'ReLU masks as HardSigmoid', engines: ['onnx'], plain: plainMasks },
  sticky: {
    title: 'only states that could recover watched at every step',
    engines: ['onnx'],
    watchesAll: true
  },
  reluGrad: { title: 'gradients masked by ReluGrad', engines: ['tensorflow'], plain: plainMasks },
  bfloat16: {
    ...{ title: 'hidden products in bfloat16 (`reducedPrecision`), on request', adds: true },
    engines: ['tensorflow'],
    plain: multiplyInBfloat16
  }
} as const satisfies Readonly<Record<string, Variant>>

export type VariantName = keyof typeof variants

/** Sums over rows in three axes, which no engine takes for a product. */
function plainSums(graph: Graph): Graph {
  return rewrite(graph, ({ op, attrs, shape }, [input], builder) => {
    const rows = op === 'sum' ? builder.nodes[input].shape : []
    if (rows.length !== 2 || attrs.axes?.length !== 1 || attrs.axes[0] !== 0) return null
    const lifted = builder.add('reshape', [input], { shape: [1, ...rows] })
    return builder.add('reshape', [builder.add('sum', [lifted], { axes: [1] })], { shape })
  })
}

/** Masks by a comparison and a cast. */
function plainMasks(graph: Graph): Graph {
  return rewrite(graph, ({ op, attrs, dtype }, [input], builder) => {
    if (op !== 'step' || attrs.alpha || dtype !== 'float32') return null
    const zero = builder.fill(0, { shape: [], dtype })
    return builder.add('cast', [builder.add('greater', [input, zero])], { dtype })
  })
}

/** The step as an engine gets it. */
export function variantStep(program: Program, name: VariantName): PackedState {
  const { without = [], plain = same }: Variant = variants[name]
  const step = optimizeStep(traceProgram(program), program.state, { without })
  return { ...step, graph: plain(step.graph) }
}

const same = (graph: Graph): Graph => graph

/** A session on one thread. @throws Error in the engine's words when it does not accept the step */
export async function openVariant(engine: PassEngine, program: Program, name: VariantName): Promise<Session> {
  const step = variantStep(program, name)
  const inner = { ...program, state: step.state }
  const { watchesAll = false }: Variant = variants[name]
  const open = engine === 'onnx' ? openOnnx(inner, step.graph, watchesAll) : openTensorflow(inner, step.graph)
  return unpacked(program, step, await open)
}

async function openOnnx(program: Program, graph: Graph, watchesAll: boolean): Promise<Session> {
  const floating = Object.keys(program.state).filter(name => program.state[name].dtype === 'float32')
  const sticky = stickyStates(graph)
  const create = (watched: readonly string[]) => createSession(loopModel(program, graph, watched), 1)
  return new OnnxSession(program, {
    session: await create(watchesAll ? floating : floating.filter(name => !sticky.has(name))),
    compileWatchful: () => create(floating)
  })
}

function openTensorflow(program: Program, graph: Graph): Promise<Session> {
  loadTensorflow(1)
  const execution = modeFor({ gpu: false, threads: 1, wanted: 'graph' })
  return TensorflowSession.open({ program, graph, threads: 1, execution })
}
