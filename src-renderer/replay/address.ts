import type { EpisodeChoice, StepChoice, TrackChoice } from './trackChoice.ts'

const stepWords = ['first', 'best', 'last'] as const
const episodeWords = ['best', 'median', 'worst'] as const

/** A whole number of at least 0, one of the words, or null. */
function read<T extends string>(text: string | undefined, words: readonly T[]): T | number | null {
  const word = words.find(entry => entry === text)
  if (word !== undefined) return word
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : null
}

function parseChoice(text: string): TrackChoice | null {
  const [kind, id, ...rest] = text.split('.')
  if (!id || !/^[a-z0-9-]{1,64}$/.test(id)) return null
  if (kind === 'data') {
    const episode = read<never>(rest[0], [])
    return episode === null ? null : { kind: 'dataset', datasetId: id, episode }
  }
  const step: StepChoice | null = read(rest[0], stepWords)
  const episode: EpisodeChoice | null = read(rest[1], episodeWords)
  return kind !== 'run' || step === null || episode === null
    ? null
    : { kind: 'run', runId: id, step, episode }
}

/** Reads the tracks of an address, such as `run.RUN.last.0,run.RUN.5000.best,data.DATASET.12`; what cannot be read is left out. */
export const parseChoices = (text: string): TrackChoice[] =>
  text
    .split(',')
    .map(parseChoice)
    .filter(choice => choice !== null)

/** The tracks as an address holds them; the inverse of `parseChoices`. */
export const choicesText = (choices: readonly TrackChoice[]): string =>
  choices
    .map(choice =>
      choice.kind === 'dataset'
        ? `data.${choice.datasetId}.${choice.episode}`
        : `run.${choice.runId}.${choice.step}.${choice.episode}`
    )
    .join(',')
