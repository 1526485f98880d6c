/** The parts of the OpenAPI document that do not come from routes. */
export const openApiDocument = {
  openapi: '3.1.0',
  info: {
    title: '潮汐 Chaoxi',
    version: '1.0.0',
    description:
      'Books shared parking, meals, shuttle seats and classes. Errors are RFC 9457 problem documents; every POST that changes something takes an `Idempotency-Key`.',
  },
  servers: [{ url: '/api/v1' }],
  components: {
    securitySchemes: {
      bearer: { type: 'http' as const, scheme: 'bearer' },
      cookie: { type: 'apiKey' as const, in: 'cookie' as const, name: 'chaoxi_session' },
    },
  },
};
