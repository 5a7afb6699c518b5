# One image, two commands: `up` serves, `work` does everything that happens by itself. One volume: /var/fullkit.
FROM python:3.11-slim AS build
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app
COPY pyproject.toml uv.lock README.md LICENSE ./
COPY src src
RUN uv sync --frozen --no-dev --no-editable

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /var/fullkit --create-home fullkit
COPY --from=build /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH FULLKIT_VAR=/var/fullkit PYTHONUNBUFFERED=1
USER fullkit
VOLUME /var/fullkit
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/ready', timeout=2)"]
ENTRYPOINT ["fullkit"]
CMD ["up", "--host", "0.0.0.0", "--empty"]
