/**
 * The walls of docs/architecture.md: who may import whom. tests/walls.test.ts plants a violation of each rule, so a rule
 * added here needs its violation there.
 */
const packages = (names) => `node_modules/(${names.join('|')})(/|$)`;

const web = packages(['hono', '@hono/[^/]+', 'hono-openapi']);
const database = packages(['drizzle-orm', 'postgres', '@electric-sql/pglite']);
const runtimes = [
  packages(['@electric-sql/pglite', 'postgres', '@hono/node-server']),
  'node_modules/drizzle-orm/(pglite|postgres-js)',
];
const nodeOnly = '^(node:)?(fs|fs/promises|child_process|os|net|tls|http|https|worker_threads|cluster|readline)$';
const tests = '\\.test\\.ts$';
const core = '^api/(engine|calendar|ledger)/';
const entries = '^(db/(open[^/]*|embedded|postgres)|api/node|api/worker)\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'core-knows-no-service',
      comment: 'The engine, the calendar and the ledger know nothing of parking or lunch, of HTTP or of pages.',
      severity: 'error',
      from: { path: core },
      to: { path: ['^api/(services|http)/', '^api/(app|node|worker|client)\\.ts$', '^web/', web] },
    },
    {
      name: 'services-stand-alone',
      comment:
        'What two services share belongs in the engine; common to them is only what stands directly in services/.',
      severity: 'error',
      from: { path: '^api/services/([^/]+)/' },
      to: {
        path: '^api/services/',
        pathNot: [
          '^api/services/$1/',
          '^api/services/(arrivals|bookings|capacity-schemas|check-in-rules|context|drafting|driver-tokens|horizon|nearest|pass|present-plan|schemas|service|wishes)\\.ts$',
        ],
      },
    },
    {
      name: 'only-the-registry-names-services',
      comment:
        'A fifth service is one line in services/registry.ts; whoever needs all of them asks the registry; seed data is of a service.',
      severity: 'error',
      from: {
        path: '^(api|db|scripts)/',
        pathNot: ['^api/services/registry\\.ts$', '^api/services/[^/]+/', '^db/seed/', tests],
      },
      to: { path: '^api/services/[^/]+/' },
    },
    {
      name: 'rules-are-pure',
      comment: 'rules.ts turns data into data: no database, no HTTP but the words of http/schemas.ts.',
      severity: 'error',
      from: { path: '^api/services/.+/[^/]*rules\\.ts$' },
      to: { path: ['^db/', '^api/http/(?!schemas\\.ts$)', web, database] },
    },
    {
      name: 'verbs-know-no-http',
      comment:
        'routes.ts parses, calls one verb and answers (with …-answers.ts, where several share it); a verb never sees HTTP.',
      severity: 'error',
      from: { path: '^api/services/[^/]+/', pathNot: ['/[^/]*(routes|answers|schemas|service|rules)\\.ts$', tests] },
      to: { path: ['^api/http/', web] },
    },
    {
      name: 'routes-hold-no-sql',
      comment: 'A query belongs to a verb or to the engine; a route may name the Db type that it hands on.',
      severity: 'error',
      from: { path: '^api/(services/.+|people|messages|reports|ledger)/[^/]*routes\\.ts$' },
      to: { path: ['^db/', database], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'pages-use-the-client',
      comment: 'The pages reach the API through api/client.ts only; beside it they may import types.',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: ['^api/', web, database], pathNot: '^api/client\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'pages-know-no-tables',
      comment: 'What the pages know of the data is what the API says of it, not even the type of a row.',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^db/' },
    },
    {
      name: 'client-carries-no-server',
      comment: 'api/client.ts lands in the browser: it knows the API by type only.',
      severity: 'error',
      from: { path: '^api/client\\.ts$' },
      to: { path: '^(api|db)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'time-lives-in-the-calendar',
      comment: 'Local times become instants in api/calendar only.',
      severity: 'error',
      from: { path: '^(api|db|web|scripts)/', pathNot: '^api/calendar/' },
      to: { path: 'node_modules/(@types/)?luxon(/|$)' },
    },
    {
      name: 'runtimes-stay-at-the-edge',
      comment: 'Node or Workers, PGlite or PostgreSQL: the difference is made in db/ and in the two entries.',
      severity: 'error',
      from: { path: '^(api|db|web)/', pathNot: [entries, tests] },
      to: { path: runtimes },
    },
    {
      name: 'shared-code-needs-no-node',
      comment:
        'What both runtimes run may not read files or open sockets; what is named here is of the Node entry alone.',
      severity: 'error',
      from: { path: '^api/', pathNot: [entries, '^api/secret\\.ts$', '^api/gates/file-gate\\.ts$', tests] },
      to: { path: nodeOnly },
    },
    {
      name: 'worker-stays-small',
      comment: 'Nothing that the Worker reaches may need Node, PGlite, the scripts or the tests.',
      severity: 'error',
      from: { path: '^api/worker\\.ts$' },
      to: {
        path: [nodeOnly, packages(['@electric-sql/pglite', '@hono/node-server']), '^(scripts|tests)/'],
        reachable: true,
      },
    },
    {
      name: 'product-needs-no-tests',
      comment: 'The product runs without its scripts, benches and tests.',
      severity: 'error',
      from: { path: '^(api|db|web)/', pathNot: tests },
      to: { path: '^(scripts|tests|bench)/' },
    },
    {
      name: 'no-cycles',
      comment: 'A cycle has no first thing to read.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    exclude: { path: '(^|/)\\.svelte-kit' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['svelte', 'types', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.svelte', '.json'],
    },
  },
};
