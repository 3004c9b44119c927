import type {
  Dataset,
  ImportProgress,
  ImportQuestion,
  ImportReport
} from '../../../src-preload/contract/datasets.ts'
import { UserError } from '../../base/errors.ts'
import { waitFor, withSession, type CommandContext } from '../command.ts'
import { bar, bytes, table } from '../output.ts'
import { resolve } from 'node:path'
import { describeDynamics } from './dynamics.ts'

export interface ImportOptions {
  readonly name?: string
  readonly answer: readonly string[]
  readonly inspect?: boolean
}

/** `import FILE|FOLDER`: reads a dataset, answers what it leaves open, and writes it into the home folder. */
export function importCommand(context: CommandContext, path: string, options: ImportOptions): Promise<void> {
  return withSession(context, async session => {
    const { imports, local } = session.client
    const entry = await local.handle({ path: resolve(path) })
    const report = await waitFor(
      imports.inspect({ handle: entry.handle }, context.signal),
      context.signal,
      item => show(context, item, 'report')
    )
    let imported = false
    try {
      if (options.inspect === true) return context.output.result(report, describeReport(report))
      const answers = readAnswers(options.answer, report.questions)
      const request = {
        inspectionId: report.inspectionId,
        name: options.name ?? report.suggestedName,
        answers
      }
      const dataset = await waitFor(imports.commit(request, context.signal), context.signal, item =>
        show(context, item, 'imported')
      )
      imported = true
      if (report.dynamics !== null) context.output.note(report.dynamics.sentence)
      for (const problem of report.problems) context.output.note(`${problem.severity}: ${problem.text}`)
      context.output.result(dataset, describeDataset(dataset))
    } finally {
      if (!imported) await imports.discard({ inspectionId: report.inspectionId }).catch(() => undefined)
    }
  })
}

/** Draws progress, and gives back the report or the dataset when it has come. */
export function show(
  context: CommandContext,
  item: ImportProgress,
  wanted: 'report'
): ImportReport | undefined
export function show(context: CommandContext, item: ImportProgress, wanted: 'imported'): Dataset | undefined
export function show(context: CommandContext, item: ImportProgress, wanted: 'report' | 'imported') {
  if (item.kind === 'progress') {
    context.output.progress([
      `${bar(item.total > 0 ? item.done / item.total : 0)}  ${item.phase}  ${bytes(item.memoryBytes)}`
    ])
    return undefined
  }
  if (item.kind === 'report') return wanted === 'report' ? item.report : undefined
  return wanted === 'imported' ? item.dataset : undefined
}

/**
 * Answers by question id, checked against what the file asks.
 * @throws UserError('missing-answer' | 'invalid-config') naming the question, its options and how to answer
 */
export function readAnswers(
  given: readonly string[],
  questions: readonly ImportQuestion[]
): Record<string, string> {
  const answers: Record<string, string> = {}
  for (const text of given) {
    const at = text.indexOf('=')
    const id = text.slice(0, Math.max(0, at))
    const question = questions.find(candidate => candidate.id === id)
    if (question === undefined) {
      const known = questions.map(candidate => candidate.id).join(', ') || 'none'
      throw new UserError(
        'invalid-config',
        `--answer ${text}: this file asks no such question; it asks: ${known}`
      )
    }
    answers[id] = text.slice(at + 1)
  }
  const open = questions.filter(question => question.default === null && answers[question.id] === undefined)
  if (open.length > 0)
    throw new UserError('missing-answer', open.map(ask).join('\n'), {
      questions: open.map(question => question.id)
    })
  return answers
}

function ask(question: ImportQuestion): string {
  const values = question.options.map(option => `${option.value} (${option.label})`).join(', ')
  const choices = values === '' ? question.help : values
  return `the file leaves open: ${question.text} Say --answer ${question.id}=VALUE with ${choices}`
}

function describeDataset(dataset: Dataset): string {
  return [
    `imported ${dataset.name} (${dataset.id})`,
    `  ${dataset.episodes} episodes, ${dataset.transitions} transitions, observations [${dataset.observationShape.join(', ')}], actions [${dataset.actionShape.join(', ')}]`
  ].join('\n')
}

function describeReport(report: ImportReport): string {
  const columns = report.columns.map(column => [
    column.name,
    column.dtype,
    `[${column.shape.join(', ')}]`,
    column.use
  ])
  return [
    `${report.sourceName}: ${report.formatTitle}, ${bytes(report.sizeBytes)}`,
    `${report.episodes} episodes, ${report.transitions} transitions`,
    table(['column', 'type', 'shape', 'use'], columns),
    ...report.problems.map(problem => `${problem.severity}: ${problem.text}`),
    ...describeDynamics({ check: report.dynamics, because: report.because }),
    ...report.questions.map(
      question =>
        `asks ${question.id}: ${question.text} ${question.options.map(option => option.value).join(' | ')}${question.default === null ? '' : ` (default ${question.default})`}`
    )
  ].join('\n')
}
