/** A cell by its row and column in a layout; D4RL's maze2d places it at x = row, y = column. */
export interface MazeCell {
  readonly row: number
  readonly column: number
}

/** The walls of a maze, shared by D4RL's maze2d and AntMaze. */
export interface MazeLayout {
  /** `#` is wall, `.` is free. */
  readonly rows: readonly string[]
  /** Free cells, row by row. */
  readonly freeCells: readonly MazeCell[]
  readonly wallCells: readonly MazeCell[]
}

function layout(rows: readonly string[]): MazeLayout {
  const cells = rows.flatMap((text, row) => Array.from(text, (_, column) => ({ row, column })))
  const isWall = ({ row, column }: MazeCell) => rows[row][column] === '#'
  return { rows, freeCells: cells.filter(cell => !isWall(cell)), wallCells: cells.filter(isWall) }
}

/** @see https://github.com/Farama-Foundation/D4RL/blob/master/d4rl/pointmaze/maze_model.py */
export const mazeLayouts = {
  open: layout(['#######', '#.....#', '#.....#', '#.....#', '#######']),
  umaze: layout(['#####', '#...#', '###.#', '#...#', '#####']),
  medium: layout([
    '########',
    '#..##..#',
    '#..#...#',
    '##...###',
    '#..#...#',
    '#.#..#.#',
    '#...#..#',
    '########'
  ]),
  large: layout([
    '############',
    '#....#.....#',
    '#.##.#.#.#.#',
    '#......#...#',
    '#.####.###.#',
    '#..#.#.....#',
    '##.#.#.#.###',
    '#..#...#...#',
    '############'
  ])
} as const satisfies Record<string, MazeLayout>
export type MazeName = keyof typeof mazeLayouts

/** Whether a cell is wall; everything outside the layout is. */
export const isWallAt = ({ rows }: MazeLayout, row: number, column: number): boolean =>
  (rows[row]?.[column] ?? '#') === '#'

const neighbours = [
  [0, 1],
  [1, 0],
  [0, -1],
  [-1, 0]
] as const

/**
 * A shortest way over free cells that share a side, by breadth-first search from its end.
 * @returns the cells after `from` up to and including `to`; empty when both are the same or no way exists
 */
export function shortestWay(maze: MazeLayout, from: MazeCell, to: MazeCell): MazeCell[] {
  const key = ({ row, column }: MazeCell) => row * 1000 + column
  const towards = new Map<number, MazeCell>([[key(to), to]])
  const queue = [to]
  for (const cell of queue) {
    for (const [rows, columns] of neighbours) {
      const next = { row: cell.row + rows, column: cell.column + columns }
      if (isWallAt(maze, next.row, next.column) || towards.has(key(next))) continue
      towards.set(key(next), cell)
      queue.push(next)
    }
  }
  const way: MazeCell[] = []
  let at: MazeCell | undefined = from
  while (key(at) !== key(to)) {
    at = towards.get(key(at))
    if (at === undefined) return []
    way.push(at)
  }
  return way
}
