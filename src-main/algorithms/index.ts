import type { AlgorithmInfo } from '../../src-preload/contract/algorithms.ts'
import { UserError } from '../base/errors.ts'
import type { Algorithm } from './algorithm.ts'
import { awac } from './awac.ts'
import { awr } from './awr.ts'
import { bc } from './bc.ts'
import { configFields } from './fields.ts'
import { filteredBc } from './filteredBc.ts'
import { iql } from './iql.ts'

/** All algorithms, in the order forms and tables show them. A new one is a file and a line here. */
export const algorithms: readonly Algorithm[] = [bc, filteredBc, awr, awac, iql]

/**
 * The algorithm of an id.
 * @throws UserError 'not-found' naming the ids there are
 */
export function algorithmById(id: string): Algorithm {
  const found = algorithms.find(algorithm => algorithm.id === id)
  if (found) return found
  const known = algorithms.map(algorithm => algorithm.id).join(', ')
  throw new UserError('not-found', `no algorithm is called ${id}; choose one of ${known}`, { id })
}

/** What a form needs to know of an algorithm. */
export function algorithmInfo(algorithm: Algorithm): AlgorithmInfo {
  const { id, title, shortTitle, summary, source, actions, presets, schema } = algorithm
  return {
    id,
    title,
    shortTitle,
    summary,
    source,
    needs: [...algorithm.needs(schema.parse({}))],
    actions: [...actions],
    fields: configFields(schema),
    presets: presets.map(preset => ({ ...preset, config: { ...preset.config } }))
  }
}
