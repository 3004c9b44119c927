import { mkdtempSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPage, openSuite, runCommand, skipReason, type Suite, type Watched } from './support.ts'

/** Rules that fail: what keeps somebody from reading or working a page. */
const failing = ['serious', 'critical']
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const goTo = (page: Page, place: string): Promise<void> => page.evaluate(`location.hash = '${place}'`)

/** Violations of the page as it stands, one line each: rule, place, what to do. */
async function violations(page: Page): Promise<string[]> {
  const found = await page.evaluate(async () => {
    const { run } = (globalThis as never as { axe: { run: (o: RunOptions) => Promise<AxeResults> } }).axe
    return (await run({ resultTypes: ['violations'] })).violations
  })
  return found
    .filter(({ impact }) => impact && failing.includes(impact))
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} (${failureSummary ?? ''})`)
    )
}

describe.skipIf(skipReason !== null)(
  `pages that everybody can read${skipReason ? ` (SKIPPED: ${skipReason})` : ''}`,
  () => {
    const home = mkdtempSync(join(tmpdir(), 'stitchwork-e2e-'))
    let suite: Suite
    let datasetId: string
    let runId: string

    beforeAll(async () => {
      const text = runCommand(home, '--json', 'demo', '--steps', '60')
      const made = JSON.parse(text) as { dataset: { id: string }; runs: { id: string }[] }
      datasetId = made.dataset.id
      runId = made.runs[0]?.id ?? ''
      suite = await openSuite({ home })
    })
    afterAll(() => suite?.close())

    /** A page in one scheme with the checker inside, put there through the debugging protocol, past the page's policy. */
    async function open(colorScheme: 'light' | 'dark'): Promise<Watched> {
      const watched = await openPage(suite.browser, suite.host.address, { colorScheme })
      // Contrasts are those of a page at rest, not of a dialog that fades in.
      await watched.page.emulateMedia({ reducedMotion: 'reduce' })
      const session = await watched.page.context().newCDPSession(watched.page)
      await session.send('Runtime.evaluate', { expression: axe })
      await watched.page.getByRole('link', { name: 'Datasets' }).waitFor()
      return watched
    }
    /** Each place, and what stands on it once it has its data. */
    const places = (): [string, string][] => [
      ['/datasets', '[role=row]'],
      [`/datasets/${datasetId}`, 'text=Returns'],
      [`/datasets/${datasetId}?tab=dimensions`, '[role=row]'],
      [`/datasets/${datasetId}?tab=episodes`, '.line-chart canvas'],
      [`/datasets/${datasetId}?tab=map`, 'text=Paths by return'],
      ['/datasets/import', '[role=row]'],
      ['/collect', 'h1'],
      [`/train?datasets=${datasetId}`, 'text=Algorithms'],
      ['/runs', '[role=row]'],
      [`/runs/${runId}`, '.line-chart canvas'],
      [`/runs/${runId}?tab=rollouts`, '.replay'],
      [`/runs/${runId}?tab=config`, 'text=Gradient steps'],
      [`/runs/${runId}?tab=log`, '.page-body'],
      [`/runs/${runId}?tab=checkpoints`, 'text=Export policy'],
      ['/compare', '.line-chart canvas'],
      ['/replay', 'h1'],
      ['/engines', 'text=Measured on this machine'],
      ['/settings', 'text=This installation']
    ]

    test.each(['light', 'dark'] as const)('no page has serious violations, %s', async scheme => {
      const { page, faults } = await open(scheme)
      const found: string[] = []
      for (const [place, ready] of places()) {
        await goTo(page, place)
        await page.locator(ready).first().waitFor()
        found.push(...(await violations(page)).map(text => `${place} ${text}`))
      }
      expect(found).toEqual([])
      expect(faults).toEqual([])
      await page.context().close()
    })

    test('no dialog has serious violations', async () => {
      const { page } = await open('light')
      const dialogs: [string, () => Promise<void>][] = [
        ['/datasets', () => page.getByRole('button', { name: 'Built-in data' }).click()],
        [`/datasets/${datasetId}`, () => page.getByRole('button', { name: 'Filter' }).click()],
        ['/runs', () => page.keyboard.press('Control+k')],
        ['/runs', () => page.keyboard.press('?')]
      ]
      for (const [place, act] of dialogs) {
        await goTo(page, place)
        await page.getByRole('button', { name: 'Show the keys' }).focus()
        await act()
        await page.getByRole('dialog').waitFor()
        expect(await violations(page), place).toEqual([])
        await page.keyboard.press('Escape')
        await page.getByRole('dialog').waitFor({ state: 'detached' })
      }
      await page.context().close()
    })
  }
)
