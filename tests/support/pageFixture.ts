import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A small built page in a folder that also holds a secret beside it and a link to that secret. */
export function makePage() {
  const root = mkdtempSync(join(tmpdir(), 'stitchwork-page-'))
  const folder = join(root, 'renderer')
  mkdirSync(join(folder, 'assets'), { recursive: true })
  writeFileSync(join(root, 'secret.txt'), 'secret')
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><title>page</title><script src="/assets/page-1.js"></script>'
  )
  writeFileSync(join(folder, 'assets/page-1.js'), 'document.title = "run"')
  symlinkSync(join(root, 'secret.txt'), join(folder, 'link.txt'))
  return { root, folder, remove: () => rmSync(root, { recursive: true, force: true }) }
}

const dots = [
  '..',
  '%2e%2e',
  '%2E%2E',
  '.%2e',
  '%2e.',
  '..%00',
  '%252e%252e',
  '..;',
  '%c0%ae%c0%ae',
  '%uff0e%uff0e',
  '....'
]
const slashes = ['/', '\\', '%2f', '%2F', '%5c', '%5C', '//', '/./', '%252f', '\\\\']
const targets = ['secret.txt', 'etc/passwd', 'renderer/../secret.txt', 'package.json', 'main/index.js']

/** 500 and more spellings of ways out of the page's folder, as raw request targets. */
export function traversals(): string[] {
  const cases = new Set<string>([
    '/link.txt',
    '/renderer/index.html',
    '/.',
    '/..',
    '/assets',
    '/assets/',
    '//secret.txt',
    '/index.html/',
    '/INDEX.HTML%00'
  ])
  for (const dot of dots)
    for (const slash of slashes)
      for (const target of targets) {
        cases.add(`/${dot}${slash}${target}`)
        cases.add(`/assets${slash}${dot}${slash}${dot}${slash}${target}`)
      }
  return [...cases]
}
