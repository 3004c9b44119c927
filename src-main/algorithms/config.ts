import { z } from 'zod'
import { invariant } from '../base/errors.ts'

/** Where a form shows a field, its unit, and the field it depends on. Registered beside the schema, read by `fields.ts`. */
export interface FieldMeta {
  readonly title: string
  readonly section: 'algorithm' | 'network' | 'training' | 'data' | 'evaluation'
  readonly unit?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly when?: { readonly field: string; readonly value: unknown }
}

/** Attaches title, section and docstring to a field; the form shows exactly this text. */
export function field<T extends z.ZodType>(schema: T, description: string, meta: FieldMeta): T {
  return schema.meta({ ...meta, description })
}

/** Settings that every algorithm has, with one name and one meaning. */
export const sharedFields = {
  gradientSteps: field(
    z.int().min(1).max(10_000_000).default(20_000),
    'Number of parameter updates. More steps fit the data longer; behaviour cloning may over-train, value methods may drift.',
    { title: 'Gradient steps', section: 'training' }
  ),
  batchSize: field(
    z.int().min(1).max(16_384).default(256),
    'Transitions per update. Larger batches give steadier gradients and cost proportionally more time.',
    { title: 'Batch size', section: 'training', unit: 'transitions' }
  ),
  hiddenSizes: field(
    z.array(z.int().min(1).max(4096)).min(1).max(6).default([256, 256]),
    'Widths of the hidden layers of every network. Wider networks fit more and train slower.',
    { title: 'Hidden layers', section: 'network' }
  ),
  actorLearningRate: field(
    z.number().positive().max(1).default(3e-4),
    'Step size of the policy. Too large makes losses jump; too small needs more steps.',
    { title: 'Policy learning rate', section: 'training' }
  ),
  learningRateSchedule: field(
    z.enum(['constant', 'cosine']).default('constant'),
    'How the policy learning rate moves: constant, or a cosine from its value to 0 at the last gradient step.',
    {
      title: 'Policy learning-rate schedule',
      section: 'training',
      labels: { constant: 'Constant', cosine: 'Cosine to 0' }
    }
  ),
  dropout: field(
    z.number().min(0).lt(1).default(0),
    'Share of hidden units of the policy dropped at random in training. Larger values regularise small datasets and slow fitting.',
    { title: 'Policy dropout', section: 'network' }
  ),
  weightDecay: field(
    z.number().min(0).max(1).default(0),
    'L2 penalty on the kernels of the policy, added to their gradients; 0 for none. Larger values keep weights small and fit less closely.',
    { title: 'Policy weight decay', section: 'network' }
  ),
  normalizeObservations: field(
    z.boolean().default(false),
    'Shift and scale each observation dimension to mean 0 and standard deviation 1 over the training episodes (epsilon 1e-3).',
    { title: 'Normalise observations', section: 'data' }
  ),
  rewardScaling: field(
    z.enum(['none', 'returnRange', 'standardize', 'minusOne']).default('none'),
    'Rewards as trained on: raw; 1000 r / (best - worst return) as for locomotion; divided by their standard deviation; or r - 1 as for AntMaze.',
    {
      title: 'Reward scaling',
      section: 'data',
      labels: {
        none: 'Raw',
        returnRange: '1000 / return range',
        standardize: '1 / standard deviation',
        minusOne: 'r - 1'
      }
    }
  ),
  heldOutShare: field(
    z.number().min(0).max(0.5).default(0.1),
    'Share of episodes kept out of training, stratified by return, to measure fit on unseen data. Larger shares measure better and train on less.',
    { title: 'Held-out episodes', section: 'data' }
  ),
  evalEvery: field(
    z.int().min(0).max(10_000_000).default(2_000),
    'Gradient steps between evaluations in the environment; 0 evaluates at the end only.',
    { title: 'Evaluate every', section: 'evaluation', unit: 'gradient steps' }
  ),
  evalEpisodes: field(
    z.int().min(1).max(1000).default(20),
    'Episodes per evaluation, with the same starts for every run. More episodes give a steadier mean and take longer.',
    { title: 'Evaluation episodes', section: 'evaluation', unit: 'episodes' }
  ),
  keepRollouts: field(
    z.int().min(0).max(20).default(4),
    'Whole episodes kept from an evaluation for the replay and its time strips, of at most 50 evaluations spread over the run. ' +
      'Each costs some kilobytes on disk, up to 100 for a robot.',
    { title: 'Rollouts kept', section: 'evaluation', unit: 'episodes' }
  ),
  logEvery: field(
    z.int().min(1).max(100_000).default(200),
    'Gradient steps averaged into one point of each curve. Smaller values show more detail and store more.',
    { title: 'Log every', section: 'evaluation', unit: 'gradient steps' }
  ),
  checkpointEvery: field(
    z.int().min(1).max(10_000_000).default(5_000),
    'Gradient steps between checkpoints; at most this much work is lost when the machine stops.',
    { title: 'Checkpoint every', section: 'training', unit: 'gradient steps' }
  )
}

/** Settings of the algorithms that learn values, with one name and one meaning. */
export const valueFields = {
  discount: field(
    z.number().min(0).lt(1).default(0.99),
    'Worth of a reward one step later. Towards 1 the far future counts as much as now, and values are learned more slowly.',
    { title: 'Discount', section: 'algorithm' }
  ),
  criticLearningRate: field(
    z.number().positive().max(1).default(3e-4),
    'Step size of the Q networks. Too large makes values jump or diverge; too small needs more steps.',
    { title: 'Critic learning rate', section: 'training' }
  ),
  valueLearningRate: field(
    z.number().positive().max(1).default(3e-4),
    'Step size of the V network. Too large makes values jump or diverge; too small needs more steps.',
    { title: 'Value learning rate', section: 'training' }
  ),
  polyak: field(
    z.number().positive().max(1).default(0.005),
    'Share by which the target networks follow the critics in each step. Larger values learn faster and less steadily.',
    { title: 'Target averaging', section: 'training' }
  )
}

/** Settings of the algorithms that weight the data by advantages. */
export const weightFields = {
  maxAdvantageWeight: field(
    z.number().positive().max(1e6).default(100),
    'Largest weight a transition can get. Larger values let few transitions dominate a batch; small ones cut the best off.',
    { title: 'Weight clip', section: 'algorithm' }
  )
}

/**
 * The same field with another default, for algorithms whose published setting differs.
 * @param when the field it depends on, where only this algorithm has that dependence
 * @throws invariant if the field was not made by `field`
 */
export function withDefault<T extends z.ZodType>(
  schema: z.ZodDefault<T>,
  value: z.output<T>,
  when?: FieldMeta['when']
): z.ZodDefault<T> {
  const meta = schema.meta()
  invariant(meta?.description !== undefined, 'a field with another default has no docstring')
  const { description, ...rest } = meta
  const own = { ...rest, ...(when ? { when } : {}) } as unknown as FieldMeta
  return field(schema.unwrap().default(value as never), description, own)
}

export type SharedConfig = z.infer<z.ZodObject<typeof sharedFields>>
