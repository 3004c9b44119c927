import type { Dataset } from '../../../src-preload/contract/datasets.ts'
import { waitFor, withSession, type CommandContext } from '../command.ts'
import { findDataset } from '../find.ts'
import { bytes, figure, table } from '../output.ts'
import { describeDynamics } from './dynamics.ts'
import { show } from './import.ts'

/** `datasets`: the table of datasets. */
export function listDatasets(context: CommandContext): Promise<void> {
  return withSession(context, async session => {
    const datasets = await session.client.datasets.list({})
    context.output.result(
      datasets,
      datasets.length === 0
        ? 'no datasets yet; `stitchwork import FILE` or `stitchwork datasets make RECIPE` makes one'
        : datasetTable(datasets)
    )
  })
}

function datasetTable(datasets: readonly Dataset[]): string {
  return table(
    ['name', 'id', 'episodes#', 'transitions#', 'observations', 'actions', 'mean return#', 'best#', 'size#'],
    datasets.map(dataset => [
      dataset.name,
      dataset.id.slice(0, 12),
      String(dataset.episodes),
      String(dataset.transitions),
      `[${dataset.observationShape.join(', ')}]`,
      dataset.actionSpace.kind === 'discrete'
        ? `${dataset.actionSpace.count} choices`
        : `[${dataset.actionShape.join(', ')}]`,
      figure(dataset.meanReturn),
      figure(dataset.bestReturn),
      bytes(dataset.sizeBytes)
    ])
  )
}

/** `datasets show DATASET`: what is known of one. */
export function showDataset(context: CommandContext, word: string): Promise<void> {
  return withSession(context, async session => {
    const dataset = await findDataset(session, word)
    const summary = await session.client.datasets.summary({ id: dataset.id })
    const card = await session.client.datasets.card({ id: dataset.id })
    const dynamics = await session.client.datasets.dynamics({ id: dataset.id })
    const rows = summary.dimensions.map(dimension => [
      dimension.group,
      dimension.name,
      figure(dimension.mean),
      figure(dimension.standardDeviation),
      figure(dimension.minimum),
      figure(dimension.maximum),
      String(dimension.nonFinite)
    ])
    const text = [
      datasetTable([dataset]),
      `ends: ${Object.entries(dataset.endReasons)
        .map(([reason, count]) => `${count} ${reason}`)
        .join(', ')}`,
      table(['group', 'dimension', 'mean#', 'sd#', 'minimum#', 'maximum#', 'non-finite#'], rows),
      ...summary.problems.map(problem => `${problem.severity}: ${problem.text}`),
      ...Object.entries(card).map(([heading, words]) => `${heading}: ${words}`),
      ...describeDynamics(dynamics)
    ].join('\n\n')
    context.output.result({ ...dataset, card, summary, dynamics }, text)
  })
}

/** `datasets recipes`: the built-in datasets that can be made here. */
export function listRecipes(context: CommandContext): Promise<void> {
  return withSession(context, async session => {
    const recipes = await session.client.datasets.recipes({})
    context.output.result(
      recipes,
      table(
        ['recipe', 'title', 'environment'],
        recipes.map(recipe => [recipe.id, recipe.title, recipe.environmentId])
      )
    )
  })
}

/** `datasets make RECIPE`: generates a built-in dataset. */
export function makeDataset(context: CommandContext, recipe: string, seed: number): Promise<void> {
  return withSession(context, async session => {
    const items = session.client.datasets.make({ recipe, seed }, context.signal)
    const dataset = await waitFor(items, context.signal, item => show(context, item, 'imported'))
    context.output.result(dataset, datasetTable([dataset]))
  })
}

/** `datasets remove DATASET`: deletes a dataset and its files. */
export function removeDataset(context: CommandContext, word: string): Promise<void> {
  return withSession(context, async session => {
    const dataset = await findDataset(session, word)
    await session.client.datasets.remove({ id: dataset.id })
    context.output.result({ removed: dataset.id }, `removed ${dataset.name}`)
  })
}
