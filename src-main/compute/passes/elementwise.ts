import type { Op } from '../ops.ts'

/** Ops of two operands of one type, computed element by element with broadcasting. */
export const binaryOps: ReadonlySet<Op> = new Set<Op>([
  ...([
    'add',
    'sub',
    'mul',
    'div',
    'minimum',
    'maximum',
    'pow',
    'floorDiv',
    'mod',
    'squaredDifference'
  ] as const),
  ...(['and', 'or', 'greater', 'greaterEqual', 'less', 'lessEqual', 'equal', 'notEqual'] as const)
])

/** Ops whose result at a position depends on the operands at that position alone. */
export const elementwise: ReadonlySet<Op> = new Set<Op>([
  ...binaryOps,
  ...([
    'neg',
    'exp',
    'log',
    'log1p',
    'expm1',
    'sqrt',
    'rsqrt',
    'square',
    'reciprocal',
    'abs',
    'sign'
  ] as const),
  ...(['floor', 'ceil', 'round', 'sin', 'cos', 'tanh', 'sigmoid', 'softplus', 'erf', 'relu', 'elu'] as const),
  ...(['leakyRelu', 'step', 'clip', 'not', 'isNan', 'cast', 'select'] as const)
])
