# Build: everything that only building needs stays in this stage.
FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

# Run: Node and the program. No package manager, nothing that is written, no name that needs a user database.
FROM node:24-slim
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
           /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-*
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY fixtures/demo ./fixtures/demo
COPY fixtures/github ./fixtures/github
COPY templates ./templates
COPY LICENSE ./
ENV NODE_ENV=production
USER 65532:65532
# The status server, unless spec.status.port says otherwise.
EXPOSE 8080
# That the program starts at all, whatever its configuration; what runs is for /livez and /readyz of its status server to tell.
HEALTHCHECK --interval=60s --timeout=10s --start-period=10s CMD ["node", "dist/main.js", "--version"]
ENTRYPOINT ["node", "dist/main.js"]
CMD ["run", "--config", "/etc/gitops-reloader/config.yaml"]
