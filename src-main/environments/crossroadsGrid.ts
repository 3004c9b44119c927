import type { EnvironmentInfo } from '../../src-preload/contract/algorithms.ts'
import type { Environment } from './environment.ts'
import { referenceOf } from './scoreReferences.ts'

/**
 * Crossroads on a 9 x 9 grid, small enough for exact values: deterministic moves, four actions. Cells are (column, row) with
 * rows counted downwards; the state is [column, row].
 */
export const gridSize = 9

export interface Cell {
  readonly column: number
  readonly row: number
}

export const cells = {
  start: { column: 0, row: 4 },
  secondStart: { column: 4, row: 0 },
  crossing: { column: 4, row: 4 },
  deadEnd: { column: 8, row: 4 },
  goal: { column: 4, row: 8 },
  consolation: { column: 0, row: 8 }
} as const satisfies Record<string, Cell>

const terminals = [
  { cell: cells.goal, reward: 1, outcome: 'goal' },
  { cell: cells.consolation, reward: 0.4, outcome: 'consolation' },
  { cell: cells.deadEnd, reward: 0, outcome: 'dead end' }
] as const

/** Column and row steps of the actions, in the order of `gridActionNames`. */
export const gridMoves = [
  { column: 0, row: -1 },
  { column: 1, row: 0 },
  { column: 0, row: 1 },
  { column: -1, row: 0 }
] as const
const gridActionNames = ['up', 'right', 'down', 'left'] as const

const terminalAt = (column: number, row: number) =>
  terminals.find(({ cell }) => cell.column === column && cell.row === row)

const insideGrid = (value: number): number => Math.min(Math.max(value, 0), gridSize - 1)

/** Centre of a column on the map, in [-1, 1]; rows are mirrored so that the map has y upwards. */
const scaled = (index: number): number => index / ((gridSize - 1) / 2) - 1

/** First observation dimension of the one-hot part; before it stand the map position x and y. */
export const oneHotOffset = 2

const half = 1 / (gridSize - 1)
const shape = (kind: 'start' | 'goal' | 'trap' | 'consolation', cell: Cell, text: string) => ({
  kind,
  x: scaled(cell.column),
  y: -scaled(cell.row),
  width: 2 * half,
  height: 2 * half,
  text
})

const info: EnvironmentInfo = {
  id: 'crossroads-grid',
  title: 'Crossroads grid',
  summary:
    'Crossroads on 9 x 9 cells with four moves. Every value can be computed by hand, so it shows what an expectile or a ' +
    'temperature does exactly.',
  domain: 'teaching',
  observationNames: [
    'x',
    'y',
    ...Array.from(
      { length: gridSize * gridSize },
      (_, index) => `cell ${index % gridSize},${Math.floor(index / gridSize)}`
    )
  ],
  actionNames: [...gridActionNames],
  maxSteps: 60,
  map: {
    x: 0,
    y: 1,
    xRange: [-1 - half, 1 + half],
    yRange: [-1 - half, 1 + half],
    shapes: [
      shape('start', cells.start, 'S'),
      shape('start', cells.secondStart, 'T'),
      shape('goal', cells.goal, 'G (1)'),
      shape('consolation', cells.consolation, 'M (0.4)'),
      shape('trap', cells.deadEnd, 'X (0)'),
      { kind: 'label', x: 0, y: 0, width: 0, height: 0, text: 'C' }
    ]
  },
  hasScene: false,
  scoreReference: referenceOf('crossroads-grid')
}

/**
 * The grid; observations are the map position (x, y) and a one-hot of the cell (column + 9 row), so that a policy can be
 * learned cell by cell while paths can still be drawn. A move over the border stays in place.
 */
export const crossroadsGrid: Environment = {
  id: info.id,
  info,
  observationSize: oneHotOffset + gridSize * gridSize,
  actions: { kind: 'discrete', count: gridMoves.length },
  stateSize: 2,
  maxSteps: info.maxSteps,

  reset(state) {
    state[0] = cells.start.column
    state[1] = cells.start.row
  },

  observe(state, observation) {
    observation.fill(0)
    observation[0] = scaled(state[0])
    observation[1] = -scaled(state[1])
    observation[oneHotOffset + state[0] + gridSize * state[1]] = 1
  },

  step(state, action) {
    const move = gridMoves[action[0]]
    state[0] = insideGrid(state[0] + move.column)
    state[1] = insideGrid(state[1] + move.row)
    const terminal = terminalAt(state[0], state[1])
    return { reward: terminal?.reward ?? 0, terminated: terminal !== undefined }
  },

  outcome(state, terminated) {
    return terminated ? (terminalAt(state[0], state[1])?.outcome ?? 'time') : 'time'
  }
}
