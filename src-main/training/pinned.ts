import type { EngineInfo } from '../../src-preload/contract/app.ts'
import { precisionProblem, precisionTexts, type Precision } from '../../src-preload/contract/precision.ts'
import type { Run } from '../../src-preload/contract/runs.ts'
import { UserError } from '../base/errors.ts'

/**
 * The engine under which a run goes on, and whether that is the one that it began with: only then are its results those of an
 * unbroken run.
 * @returns the engine and the precision that take their place, where they have to
 * @throws UserError('conflict') when it cannot and the person has not agreed to another engine
 */
export function pinnedEngine(
  run: Run,
  engines: readonly EngineInfo[],
  allowInexact: boolean
):
  | { readonly exact: true }
  | { readonly exact: false; readonly engine: string; readonly precision: Precision } {
  if (run.engine === null) return { exact: true }
  const { id, version, device, precision } = run.engine
  const present = engines.find(engine => engine.id === id && engine.available)
  const lost = precisionProblem(precision, present?.precisions)
  if (present?.version === version && present.device === device && lost === null) return { exact: true }
  if (allowInexact)
    return { exact: false, engine: present ? id : 'auto', precision: lost === null ? precision : 'float32' }
  const here = present ? whatIsHere(present, precision, lost) : 'which is not available here'
  const text =
    `the run "${run.name}" was trained with engine ${id} ${version} on ${device}, ${here}; ` +
    'it can go on, but not bit for bit as before: resume it again and allow that'
  throw new UserError('conflict', text, { runId: run.id, engine: id, version })
}

const whatIsHere = ({ version, device }: EngineInfo, precision: Precision, lost: string | null): string =>
  lost === null
    ? `here it is ${version} on ${device}`
    : `in ${precisionTexts[precision].title}, which it cannot do here: ${lost}`
