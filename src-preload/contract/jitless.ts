import { z } from 'zod'

/**
 * Keeps zod from compiling validators with `new Function`, which the page's content security policy forbids.
 * It must run before the first schema is built, so every file of this folder that builds schemas without
 * importing another one of it imports this file first.
 */
z.config({ jitless: true })
