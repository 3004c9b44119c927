/** Which environment recorded a file: the one it names, unless its steps say otherwise; else the person is asked. */
import type { DynamicsCheck, ImportAnswers, ImportQuestion } from '../../src-preload/contract/datasets.ts'
import type { Environment } from '../environments/environment.ts'
import { environments } from '../environments/index.ts'
import { type NamedEnvironment, resolveName } from '../environments/names.ts'
import type { DatasetColumns } from './dataset.ts'
import type { CheckedDynamics } from './dynamicsOf.ts'
import { type ImportedFile, info, type Problem, warning } from './importers/importer.ts'
import { knownTask } from './importers/knownTasks.ts'

/** What is asked and told so far. */
export type Draft = { questions: ImportQuestion[]; problems: Problem[] }

/** Why an environment cannot be the one that recorded these columns; null when it can. */
function mismatch(environment: Environment, columns: DatasetColumns, discrete: boolean): string | null {
  if (environment.observationSize !== columns.observationSize) {
    return `its observations have ${environment.observationSize} numbers, the data ${columns.observationSize}`
  }
  if ((environment.actions.kind === 'discrete') !== discrete)
    return `its actions are ${environment.actions.kind}, the data's are not`
  const size = environment.actions.kind === 'continuous' ? environment.actions.size : 1
  return size === columns.actionSize
    ? null
    : `its actions have ${size} components, the data ${columns.actionSize}`
}

/** The environment of a file, or null; what is odd or open is told and asked in `draft`. */
export function settleEnvironment(
  file: ImportedFile,
  answers: ImportAnswers,
  { check, problem }: CheckedDynamics,
  draft: Draft
): Environment | null {
  const discrete = file.actions.kind === 'discrete'
  const fits = (environment: Environment) => mismatch(environment, file.columns, discrete) === null
  if (problem !== null) draft.problems.push(warning(problem))
  if (check !== null && check.fits === null) draft.problems.push(warning(check.sentence))
  let candidates = environments
  if (file.environmentName !== null) {
    const named = resolveName(file.environmentName, environments)
    if (named.environment !== null) {
      const odd = mismatch(named.environment, file.columns, discrete)
      if (odd === null)
        return settleVariant(named, { choices: named.choices.filter(fits), check }, file, answers, draft)
      draft.problems.push(
        warning(`the file names ${file.environmentName}, but ${odd}; it is not used for evaluation`)
      )
    } else candidates = candidatesFor(file.environmentName, named.reason, named.choices, draft)
  }
  // What repeats the recorded steps is a candidate whatever the file is called.
  const found = environments.find(environment => environment.id === check?.fits && fits(environment)) ?? null
  const fitting = candidates.filter(fits)
  const offered = found === null || fitting.includes(found) ? fitting : [...fitting, found]
  return offered.length === 0 ? null : askEnvironment(offered, found, answers, draft)
}

/** Whether recorded steps do not speak against an environment. */
function agrees({ id }: Environment, check: DynamicsCheck | null): boolean {
  const own = check?.variants.find(variant => variant.environmentId === id)
  return check === null || check.fits === null || own === undefined || own.fits
}

/** The environment that a name means, unless its steps or the answer are another variant's with equal sizes. */
function settleVariant(
  named: NamedEnvironment & { readonly environment: Environment },
  { choices, check }: { readonly choices: readonly Environment[]; readonly check: DynamicsCheck | null },
  file: ImportedFile,
  answers: ImportAnswers,
  draft: Draft
): Environment {
  const other = agrees(named.environment, check) ? undefined : choices.find(({ id }) => id === check?.fits)
  const proposed = other ?? named.environment
  if (check !== null && !agrees(named.environment, check))
    draft.problems.push(
      warning(
        `the file names ${file.environmentName}, which means ${named.environment.id}, but its ${check.sentence}`
      )
    )
  if (choices.length < 2) return named.environment
  draft.questions.push({
    id: 'environment',
    text: 'Which variant of the environment should evaluate policies?',
    help: `${named.because}.${check?.fits == null ? '' : ` Recorded steps repeated in simulation: ${check.sentence}.`}`,
    options: choices.map(({ id, info: { title } }) => ({ value: id, label: title })),
    default: proposed.id,
    input: 'choice'
  })
  return choices.find(({ id }) => id === answers.environment) ?? proposed
}

/** What may have recorded data whose name means no environment: those that come near, none for a known task, else any. */
function candidatesFor(
  name: string,
  reason: string,
  choices: readonly Environment[],
  draft: Draft
): readonly Environment[] {
  draft.problems.push(
    info(choices.length > 0 ? reason : `${reason}; policies can be trained, not evaluated in simulation`)
  )
  if (choices.length > 0) return choices
  // A task that is known and not simulated here is no other task of the same sizes.
  return knownTask(name).horizon === null ? environments : []
}

/** @param found the one that repeats the recorded steps */
function askEnvironment(
  offered: readonly Environment[],
  found: Environment | null,
  answers: ImportAnswers,
  draft: Draft
): Environment | null {
  draft.questions.push({
    id: 'environment',
    text: 'Which environment was this recorded in?',
    help: `Policies are evaluated in it. Only environments whose observations and actions have the same sizes are offered.${found === null ? '' : ` ${found.info.title} repeats the recorded steps.`}`,
    options: [
      { value: 'none', label: 'None of these' },
      ...offered.map(({ id, info: { title } }) => ({ value: id, label: title }))
    ],
    default: found?.id ?? 'none',
    input: 'choice'
  })
  const answer = answers.environment ?? found?.id
  return offered.find(environment => environment.id === answer) ?? null
}
