# The image of KCloud: one bundle on the pinned LTS of Node, without a shell's worth of anything else.
FROM node:26-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run bundle

FROM node:26-slim
WORKDIR /app
COPY --from=build /src/dist ./dist
# One arena of malloc that gives back what is free: the many small answers of the API server would else be spread over
# several that never shrink. V8 keeps less code and garbage about (bench/README.md has the numbers); NODE_OPTIONS does
# not know its flag.
ENV NODE_ENV=production MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=131072 NODE_OPTIONS="--max-old-space-size=384 --max-semi-space-size=2"
USER 65532
ENTRYPOINT ["node", "--optimize-for-size", "dist/kcloud.js"]
CMD ["operator"]
