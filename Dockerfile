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
# several that never shrink. bench/README.md has the numbers.
ENV NODE_ENV=production MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_MMAP_THRESHOLD_=65536
ENV NODE_OPTIONS="--max-old-space-size=384 --max-semi-space-size=2"
USER 65532
ENTRYPOINT ["node", "dist/kcloud.js"]
CMD ["operator"]
