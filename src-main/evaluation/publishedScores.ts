/**
 * What others report on D4RL's data: normalised scores at the end of training, as mean and deviation over seeds. For
 * orientation beside a run's own score; nothing is computed from them.
 */
export interface PublishedScore {
  /** D4RL's name of the data set. */
  readonly dataset: string
  /** Id of the algorithm here. */
  readonly algorithm: string
  readonly score: number
  readonly deviation: number
  /** Short name of the source, for a label. */
  readonly source: string
  /** The source in full: what, how many seeds, where. */
  readonly citation: string
}

type Cell = readonly [score: number, deviation: number]

const corl = {
  source: 'CORL',
  citation:
    'CORL, README of February 2024: final scores, mean and deviation over 4 seeds (https://github.com/corl-team/CORL)'
} as const

const iqlPaper = {
  source: 'IQL paper',
  citation: 'Kostrikov, Nair and Levine 2021, Table 1 (https://arxiv.org/abs/2110.06169)'
} as const

const corlAlgorithms = ['bc', 'filteredBc', 'awac', 'iql'] as const

/** Score and deviation of BC, of BC on the best 10 % of episodes, of AWAC and of IQL. */
const corlScores: Readonly<Record<string, readonly number[]>> = {
  'halfcheetah-medium-v2': [42.4, 0.19, 42.46, 0.7, 50.02, 0.27, 48.31, 0.22],
  'halfcheetah-medium-replay-v2': [35.66, 2.33, 23.59, 6.95, 45.13, 0.88, 44.46, 0.22],
  'halfcheetah-medium-expert-v2': [55.95, 7.35, 90.1, 2.45, 95, 0.61, 94.74, 0.52],
  'hopper-medium-v2': [53.51, 1.76, 55.48, 7.3, 63.02, 4.56, 67.53, 3.78],
  'hopper-medium-replay-v2': [29.81, 2.07, 70.42, 8.66, 98.88, 2.07, 97.43, 6.39],
  'hopper-medium-expert-v2': [52.3, 4.01, 111.16, 1.03, 101.9, 6.22, 107.42, 7.8],
  'walker2d-medium-v2': [63.23, 16.24, 67.34, 5.17, 68.52, 27.19, 80.91, 3.17],
  'walker2d-medium-replay-v2': [21.8, 10.15, 54.35, 6.34, 80.62, 3.58, 82.15, 3.03],
  'walker2d-medium-expert-v2': [98.96, 15.98, 108.7, 0.25, 111.44, 1.62, 111.72, 0.86],
  'maze2d-umaze-v1': [0.36, 8.69, 12.18, 4.29, 65.65, 5.34, 42.11, 0.58],
  'maze2d-medium-v1': [0.79, 3.25, 14.25, 2.33, 84.63, 35.54, 34.85, 2.72],
  'maze2d-large-v1': [2.26, 4.39, 11.32, 5.1, 215.5, 3.11, 61.72, 3.5],
  'antmaze-umaze-v2': [55.25, 4.15, 65.75, 5.26, 56.75, 9.09, 77, 5.52],
  'antmaze-umaze-diverse-v2': [47.25, 4.09, 44, 1, 54.75, 8.01, 54.25, 5.54],
  'antmaze-medium-play-v2': [0, 0, 2, 0.71, 0, 0, 65.75, 11.71],
  'antmaze-medium-diverse-v2': [0.75, 0.83, 5.75, 9.39, 0, 0, 73.75, 5.45],
  'antmaze-large-play-v2': [0, 0, 0, 0, 0, 0, 42, 4.53],
  'antmaze-large-diverse-v2': [0, 0, 0.75, 0.83, 0, 0, 30.25, 3.63]
}

/** IQL itself; the paper's locomotion is v2, its AntMaze v0. */
const iqlPaperScores: Readonly<Record<string, Cell>> = {
  'halfcheetah-medium-v2': [47.4, 0.2],
  'hopper-medium-v2': [66.2, 5.7],
  'walker2d-medium-v2': [78.3, 8.7],
  'halfcheetah-medium-replay-v2': [44.2, 1.2],
  'hopper-medium-replay-v2': [94.7, 8.6],
  'walker2d-medium-replay-v2': [73.8, 7.1],
  'halfcheetah-medium-expert-v2': [86.7, 5.3],
  'hopper-medium-expert-v2': [91.5, 14.3],
  'walker2d-medium-expert-v2': [109.6, 1],
  'antmaze-umaze-v0': [87.5, 2.6],
  'antmaze-umaze-diverse-v0': [62.2, 13.8],
  'antmaze-medium-play-v0': [71.2, 7.3],
  'antmaze-medium-diverse-v0': [70, 10.9],
  'antmaze-large-play-v0': [39.6, 5.8],
  'antmaze-large-diverse-v0': [47.5, 9.5]
}

/** Scores published for one of D4RL's data sets; empty where none are known here. */
export function publishedScores(dataset: string): PublishedScore[] {
  const row = corlScores[dataset] as readonly number[] | undefined
  const ofCorl =
    row === undefined
      ? []
      : corlAlgorithms.map((algorithm, i) => ({
          ...{ dataset, algorithm, score: row[2 * i], deviation: row[2 * i + 1] },
          ...corl
        }))
  const paper = iqlPaperScores[dataset] as Cell | undefined
  if (paper === undefined) return ofCorl
  return [...ofCorl, { dataset, algorithm: 'iql', score: paper[0], deviation: paper[1], ...iqlPaper }]
}

const known = new Set([...Object.keys(corlScores), ...Object.keys(iqlPaperScores)])

/** A file's or a person's name in the manner of D4RL: `D4RL/hopper_medium-v2.hdf5` becomes `hopper-medium-v2`. */
const d4rlManner = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/\.[a-z0-9]+$/, '')
    .replace(/^d4rl[/_-]/, '')
    .replace(/[/_ ]+/g, '-')
    .replace('-sparse', '')

/** A tier with something else behind `medium`, such as a weak expert's score, is none of D4RL's. */
const tiers = [
  ['medium-replay', /(^|-)medium-replay(-|$)/],
  ['medium-expert', /(^|-)medium-expert(-|$)/],
  ['medium', /(^|-)medium$/]
] as const

/** D4RL's data set that data of the same robot and tier, or of the same maze, are like. */
function likeness(environmentId: string, name: string): string | null {
  const robot = /^(halfcheetah|hopper|walker2d)-v\d$/.exec(environmentId)?.[1]
  const tier = tiers.find(([, pattern]) => pattern.test(d4rlManner(name)))?.[0]
  if (robot !== undefined) return tier === undefined ? null : `${robot}-${tier}-v2`
  const maze = /^(maze2d-(?:umaze|medium|large))(-strict)?$/.exec(environmentId)?.[1]
  if (maze !== undefined) return `${maze}-v1`
  return environmentId === 'antmaze-umaze' ? 'antmaze-umaze-v2' : null
}

/**
 * D4RL's data set beside whose published scores a dataset may be read.
 * @returns its name and whether the dataset bears that name; null when nothing published is near
 */
export function publishedDataset(dataset: {
  readonly name: string
  readonly sourceName: string
  readonly environmentId: string | null
}): { readonly name: string; readonly same: boolean } | null {
  const own = [dataset.name, dataset.sourceName].map(d4rlManner).find(name => known.has(name))
  if (own !== undefined) return { name: own, same: true }
  const like = dataset.environmentId === null ? null : likeness(dataset.environmentId, dataset.name)
  return like === null ? null : { name: like, same: false }
}
