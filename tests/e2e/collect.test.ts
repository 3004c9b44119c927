import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSuite, skipReason, type Suite } from './support.ts'

/** Chooses an entry of a list by its label and what it says. */
async function choose(page: Page, region: string, label: string, entry: string): Promise<void> {
  await page.getByRole('region', { name: region }).getByLabel(label, { exact: true }).click()
  await page.getByRole('option', { name: entry, exact: true }).click()
}

describe.skipIf(skipReason !== null)(
  `data made at home${skipReason ? ` (SKIPPED: ${skipReason})` : ''}`,
  () => {
    let suite: Suite
    let page: Page

    beforeAll(async () => {
      suite = await openSuite()
      page = suite.page
      page.setDefaultTimeout(30_000)
      await page.goto(`${new URL(page.url()).origin}/#/collect`)
    })
    afterAll(() => suite?.close())

    test('only what can be learned in is offered to train, and the replay of SAC is stated', async () => {
      await page.getByText('No policies trained here yet').waitFor()
      const form = page.getByRole('region', { name: 'Train a policy' })
      await form.getByLabel('Environment', { exact: true }).click()
      await page.getByRole('option', { name: 'Pendulum', exact: true }).waitFor()
      expect(await page.getByRole('option', { name: 'CartPole', exact: true }).count()).toBe(0)
      await page.keyboard.press('Escape')
      await choose(page, 'Train a policy', 'Learner', 'SAC')
      await form.getByText(/Its replay takes \d+ MB of memory/).waitFor()
    })

    test('a short training shows its curve and ends', async () => {
      await choose(page, 'Train a policy', 'Environment', 'Pendulum')
      await choose(page, 'Train a policy', 'Learner', 'ARS')
      const form = page.getByRole('region', { name: 'Train a policy' })
      await form.getByLabel('Steps', { exact: true }).fill('24,000')
      await form.getByRole('button', { name: 'Train' }).click()
      const panel = page.getByRole('region', { name: 'pendulum-ars-seed0' })
      await panel
        .getByText('Running', { exact: true })
        .or(panel.getByText('Finished', { exact: true }))
        .waitFor()
      await panel.getByText('Finished', { exact: true }).waitFor({ timeout: 120_000 })
      await panel.locator('canvas').first().waitFor()
      await panel.getByText(/^finished after .* steps; 2 checkpoints, best return/).waitFor()
    })

    test('a training stops, and goes on from where it was', async () => {
      await choose(page, 'Train a policy', 'Learner', 'PPO')
      const form = page.getByRole('region', { name: 'Train a policy' })
      await form.getByLabel('Steps', { exact: true }).fill('1,000,000')
      await form.getByRole('button', { name: 'Train' }).click()
      const panel = page.getByRole('region', { name: 'pendulum-ppo-seed0' })
      for (const button of ['Stop', 'Resume', 'Stop']) {
        await panel
          .getByText(/steps\/s · .* left · return while learning/)
          .or(panel.getByRole('button', { name: 'Resume' }))
          .waitFor()
        await panel.getByRole('button', { name: button }).click()
        await panel.getByText(button === 'Stop' ? 'Stopped' : 'Running', { exact: true }).waitFor()
      }
      await panel.getByText(/^stopped after .* of 1,000,000 steps; \d+ checkpoints?, best return/).waitFor()
      await panel.getByRole('button', { name: 'Remove' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
      await panel.waitFor({ state: 'detached' })
    })

    test('a tier is made of it, and opens as a dataset', async () => {
      const panel = page.getByRole('region', { name: 'pendulum-ars-seed0' })
      await choose(page, 'pendulum-ars-seed0', 'Tier', 'medium')
      await panel.getByLabel('Transitions', { exact: true }).fill('1,000')
      await panel.getByRole('button', { name: 'Make data' }).click()
      await panel.getByRole('link', { name: 'Open pendulum medium' }).click({ timeout: 60_000 })
      await page.waitForURL(/#\/datasets\/[0-9a-f]+/)
      await page.getByText('pendulum medium').first().waitFor()
    })

    test('random data need no policy', async () => {
      await page.goto(`${new URL(page.url()).origin}/#/collect`)
      await choose(page, 'Random data', 'Environment', 'CartPole')
      const form = page.getByRole('region', { name: 'Random data' })
      await form.getByLabel('Transitions', { exact: true }).fill('1,000')
      await form.getByRole('button', { name: 'Make random data' }).click()
      await form.getByRole('link', { name: 'Open cartpole random' }).waitFor({ timeout: 60_000 })
    })

    test('what is damaged is told beside what is whole, and can be removed', async () => {
      const folder = join(suite.host.home, 'behaviours/walker2d-v2-ppo-seed9')
      mkdirSync(folder)
      writeFileSync(join(folder, 'behaviour.json'), '{"formatVersion":1,"id":"walker')
      await page.reload()
      await page.getByRole('region', { name: 'pendulum-ars-seed0' }).waitFor()
      const panel = page.getByRole('region', { name: 'walker2d-v2-ppo-seed9' })
      await panel.getByText(/behaviour\.json cannot be used: it is cut off or no JSON/).waitFor()
      await panel.getByRole('button', { name: 'Remove' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
      await panel.waitFor({ state: 'detached' })
    })

    test('nothing was blocked, logged as an error, or asked from elsewhere', () => {
      expect(suite.faults).toEqual([])
    })
  }
)
