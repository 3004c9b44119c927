/** Text tables, one row a step, in the spelling of docs/formats/csv.md or MINERVA's (takuseno/minerva), or with mapped columns. */
import { createReadStream } from 'node:fs'
import { UserError } from '../../base/errors.ts'
import { type CsvLayout, layoutOf, singleRoles } from './csvColumns.ts'
import { type FlatSource, readFlat } from './flat.ts'
import {
  type FileActions,
  type FileColumn,
  type ImportContext,
  type ImportedFile,
  type Importer,
  type ImportSource,
  info,
  type Problem,
  warning
} from './importer.ts'
import { knownTask, taskInFileName } from './knownTasks.ts'
import { requireWidth } from './limits.ts'
import { tooLarge } from './narrowing.ts'

const delimiters = [',', ';', '\t']
const maximumRecordBytes = 1 << 20
const maximumDiscrete = 1000

/** The first line of UTF-8 text, or null where the bytes are no text. */
function firstLine(header: Uint8Array): string | null {
  if (header.length === 0 || header.includes(0)) return null
  try {
    // The bytes given may end inside a character.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(header, { stream: true })
    return text.split(/\r?\n/, 1)[0]
  } catch {
    return null
  }
}

const delimiterOf = (line: string): string =>
  delimiters.reduce((best, delimiter) =>
    line.split(delimiter).length > line.split(best).length ? delimiter : best
  )

export const csv: Importer = {
  id: 'csv',
  title: 'CSV',
  match(header) {
    const line = firstLine(header)
    return line !== null && !/^\s*[{[<]/.test(line) && line.split(delimiterOf(line)).length >= 2
  },
  async open(source, context) {
    const table = new CsvTable(source.name)
    await readRecords(source, context, table)
    return table.finish(source, context)
  }
}

async function readRecords(
  source: ImportSource,
  { answers, progress }: ImportContext,
  table: CsvTable
): Promise<void> {
  const { CsvError, parse } = await import('csv-parse')
  const delimiter = delimiterOf(firstLine(source.header) ?? ',')
  const file = createReadStream(source.path)
  const parser = file.pipe(
    parse({ bom: true, delimiter, trim: true, skip_empty_lines: true, max_record_size: maximumRecordBytes })
  )
  file.on('error', error => parser.destroy(error))
  let count = 0
  let header: string[] = []
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      if (count++ === 0) {
        header = record
        continue
      }
      if (count === 2) table.begin(header, record, answers)
      table.add(record, count)
      if (count % 2048 === 0) await progress('reading rows', file.bytesRead, source.sizeBytes)
    }
  } catch (error) {
    if (error instanceof CsvError && error.code === 'CSV_MAX_RECORD_SIZE')
      throw new UserError(
        'invalid-file',
        `line ${count + 1} of ${source.name} is longer than ${maximumRecordBytes / 2 ** 20} MiB; tables of numbers that wide cannot be imported`
      )
    if (error instanceof CsvError)
      throw new UserError(
        'invalid-file',
        `${source.name} is not a regular table: ${error.message.slice(0, 200)}`
      )
    throw error
  }
  if (count < 2) throw new UserError('invalid-file', `${source.name} has a header and no rows`)
}

/** Numbers of growing count, in one array. */
class Numbers {
  data = new Float32Array(1024)
  length = 0

  push(value: number): void {
    if (this.length === this.data.length) {
      const grown = new Float32Array(this.length * 2)
      grown.set(this.data)
      this.data = grown
    }
    this.data[this.length++] = value
  }
}

/** Columns, and bytes of all their names together, that a report and its questions can show. */
const mostColumns = 1200
const mostHeaderBytes = 48 << 10

/** @throws UserError('invalid-file' | 'unsupported') for names that are not distinct, or too much of them */
function requireHeader(file: string, header: readonly string[]): void {
  const bytes = Buffer.byteLength(JSON.stringify(header))
  if (header.length > mostColumns || bytes > mostHeaderBytes + 3 * header.length)
    throw new UserError(
      'unsupported',
      `${file} has ${header.length} columns with ${bytes} bytes of names; at most ${mostColumns} columns with ${mostHeaderBytes >> 10} KiB of names can be imported, so leave some out`
    )
  const seen = new Set<string>()
  for (const name of header) {
    if (seen.has(name))
      throw new UserError(
        'invalid-file',
        name === ''
          ? `${file} has two columns without a name; name every column in its first line`
          : `${file} has two columns named "${name.slice(0, 100)}"; give each its own name in the first line`
      )
    seen.add(name)
  }
}

class CsvTable {
  readonly #name: string
  #header: string[] = []
  #layout!: CsvLayout
  readonly #columns = {
    observation: new Numbers(),
    nextObservation: new Numbers(),
    action: new Numbers(),
    reward: new Numbers()
  }
  readonly #flags = { terminated: [] as number[], truncated: [] as number[] }
  readonly #finals = new Map<number, Float32Array>()
  readonly #ends: number[] = []
  readonly #seen = new Set<string>()
  #episode: string | null = null
  #step = NaN
  #rows = 0
  #disorder = 0
  #whole = true

  constructor(name: string) {
    this.#name = name
  }

  begin(header: string[], first: readonly string[], answers: ImportContext['answers']): void {
    requireHeader(this.#name, header)
    this.#header = header
    this.#layout = layoutOf(header, first, answers)
    requireWidth('observations', this.#layout.lists.observation.length)
    requireWidth('actions', this.#layout.lists.action.length)
  }

  add(record: readonly string[], line: number): void {
    const { single, lists } = this.#layout
    const begins = this.#beginsEpisode(record, line)
    if (lists.action.every(at => record[at] === '')) return this.#addFinal(record, line, begins)
    if (begins && this.#rows > 0) this.#ends[this.#rows - 1] = 1
    this.#ends[this.#rows] = 0
    for (const role of ['observation', 'nextObservation', 'action'] as const) {
      for (const at of lists[role]) this.#columns[role].push(this.#number(record, at, line))
    }
    if (this.#whole)
      this.#whole = lists.action.every(
        at => /^\d+$/.test(record[at]) && Number(record[at]) <= maximumDiscrete
      )
    if (single.reward !== null) this.#columns.reward.push(this.#number(record, single.reward, line))
    for (const role of ['terminated', 'truncated'] as const) {
      const at = single[role]
      if (at !== null) this.#flags[role].push(this.#flag(record, at, line))
    }
    this.#rows++
  }

  /** A row without an action holds the observation after the last action of its episode. */
  #addFinal(record: readonly string[], line: number, begins: boolean): void {
    if (begins || this.#rows === 0)
      throw new UserError(
        'invalid-file',
        `line ${line} has no action; only the last row of an episode may be without one`
      )
    this.#finals.set(
      this.#rows - 1,
      Float32Array.from(this.#layout.lists.observation, at => this.#number(record, at, line))
    )
    this.#ends[this.#rows - 1] = 1
  }

  #beginsEpisode(record: readonly string[], line: number): boolean {
    const { single } = this.#layout
    const step = single.step === null ? NaN : Number(record[single.step])
    const stepped = step > this.#step
    this.#step = step
    if (single.episode === null) return single.step !== null && !stepped
    const episode = record[single.episode]
    if (episode === this.#episode) {
      if (single.step !== null && !stepped) this.#disorder++
      return false
    }
    if (this.#seen.has(episode)) {
      throw new UserError(
        'invalid-file',
        `episode ${episode.slice(0, 50)} goes on at line ${line} after other episodes; rows of an episode must stand together`
      )
    }
    this.#seen.add(episode)
    this.#episode = episode
    return true
  }

  #number(record: readonly string[], at: number, line: number): number {
    const text = record[at]
    const value = text === '' ? NaN : numberOf(text)
    if (Number.isNaN(value) && this.#layout.provisional.has(at)) return NaN
    if (text === '' || (Number.isNaN(value) && !/^[-+]?nan$/i.test(text))) {
      const what =
        text === '' ? 'is empty' : `holds "${text.slice(0, 50)}", which is no number${adviceFor(text)}`
      throw new UserError('invalid-file', `line ${line}, column ${this.#header[at].slice(0, 100)} ${what}`)
    }
    if (Number.isFinite(value) && !Number.isFinite(Math.fround(value)))
      throw tooLarge(value, `line ${line}, column ${this.#header[at].slice(0, 100)}`)
    return value
  }

  #flag(record: readonly string[], at: number, line: number): number {
    const text = record[at].toLowerCase()
    if (text === 'true') return 1
    if (text === 'false' || text === '') return 0
    return this.#number(record, at, line) === 0 ? 0 : 1
  }

  async finish(source: ImportSource, context: ImportContext): Promise<ImportedFile> {
    const { lists, questions } = this.#layout
    const environmentName = taskInFileName(source.name)
    const numbersEpisodes = this.#layout.single.episode !== null || this.#layout.single.step !== null
    if (numbersEpisodes) this.#ends[this.#rows - 1] = 1
    const result = await readFlat(
      this.#flatSource(source.name, numbersEpisodes, knownTask(environmentName).horizon),
      context.answers,
      context.progress
    )
    const action = this.#actions(context)
    return {
      columns: result.columns,
      fileColumns: this.#listColumns(),
      observationNames: lists.observation.map(at => this.#header[at]),
      actionNames: lists.action.map(at => this.#header[at]),
      actions: action.actions,
      environmentName,
      suggestedName: source.name.replace(/\.(csv|tsv|txt)$/i, ''),
      scoreReference: knownTask(environmentName).scoreReference,
      problems: [...this.#problems(), ...result.problems],
      questions: [...questions, ...action.questions, ...result.questions],
      provenance: {}
    }
  }

  #flatSource(sourceName: string, numbersEpisodes: boolean, knownHorizon: number | null): FlatSource {
    const { lists, single } = this.#layout
    const columns = {
      observations: 'observation',
      nextObservations: 'nextObservation',
      actions: 'action',
      rewards: 'reward'
    } as const
    const widths = {
      observation: lists.observation.length,
      nextObservation: lists.nextObservation.length,
      action: lists.action.length,
      reward: 1
    }
    const flags = (role: 'terminated' | 'truncated') =>
      single[role] === null ? null : Uint8Array.from(this.#flags[role])
    const marksEnds = numbersEpisodes || this.#finals.size > 0
    return {
      rows: this.#rows,
      observationSize: widths.observation,
      actionSize: widths.action,
      has: {
        nextObservations: widths.nextObservation === widths.observation,
        rewards: single.reward !== null
      },
      read: (column, first, count) => {
        const role = columns[column]
        return this.#columns[role].data.slice(first * widths[role], (first + count) * widths[role])
      },
      terminated: flags('terminated'),
      truncated: flags('truncated'),
      episodeEnds: marksEnds ? Uint8Array.from(this.#ends) : null,
      finalObservations: this.#finals,
      knownHorizon,
      sourceName,
      blockRows: 4096
    }
  }

  #actions({ answers }: ImportContext): { actions: FileActions; questions: ImportedFile['questions'] } {
    const continuous: FileActions = { kind: 'continuous', low: null, high: null }
    if (this.#layout.lists.action.length !== 1 || !this.#whole) return { actions: continuous, questions: [] }
    const question = {
      id: 'actionKind',
      text: 'The action column holds whole numbers only. Are they choices or quantities?',
      help: 'Choices are discrete actions; quantities, such as a force, are continuous and need bounds.',
      options: [
        { value: 'discrete', label: 'Choices (discrete)' },
        { value: 'continuous', label: 'Quantities (continuous)' }
      ],
      default: 'discrete',
      input: 'choice' as const
    }
    const discrete = (answers.actionKind ?? question.default) === 'discrete'
    return {
      actions: discrete ? { kind: 'discrete', count: null, start: 0 } : continuous,
      questions: [question]
    }
  }

  #listColumns(): FileColumn[] {
    const { single, lists } = this.#layout
    const uses = new Map<number, string>()
    for (const role of singleRoles) if (single[role] !== null) uses.set(single[role], role)
    for (const [role, positions] of Object.entries(lists)) for (const at of positions) uses.set(at, role)
    return this.#header.map((name, at) => ({
      name,
      dtype: 'text',
      shape: [this.#rows],
      use: uses.get(at) ?? 'not imported'
    }))
  }

  #problems(): Problem[] {
    const ignored = this.#listColumns().filter(column => column.use === 'not imported')
    const problems: Problem[] = []
    if (ignored.length > 0)
      problems.push(
        info(
          `not imported: ${ignored
            .map(column => column.name)
            .join(', ')
            .slice(0, 300)}`
        )
      )
    if (this.#disorder > 0)
      problems.push(
        warning(`in ${this.#disorder} rows the step does not grow; rows are taken in the order of the file`)
      )
    return problems
  }
}

/** A number in decimal notation, or a word for one that is not finite; NaN for anything else. */
const numberOf = (text: string): number =>
  /^[-+]?(nan|inf(inity)?)$/i.test(text) ? named(text) : /[xbo]/i.test(text) ? NaN : Number(text)

/** What to do about a text that people take for a number. */
function adviceFor(text: string): string {
  if (/^[-+]?\d[\d.]*,\d+$/.test(text)) return '; write decimals with a point and thousands without a comma'
  return /^0[xbo]/i.test(text) ? '; write it in decimal notation' : ''
}

const named = (text: string): number =>
  /nan/i.test(text) ? NaN : text.startsWith('-') ? -Infinity : Infinity
