# The page in a container that runs as any user and writes to /tmp alone:
#     docker build -t vaedemo .
#     docker run --rm --read-only --tmpfs /tmp --user 61234:61234 -p 7860:7860 vaedemo
# TORCH_INDEX= (empty) takes torch's default build, for NVIDIA GPUs, which is several GB larger.
FROM python:3.11-slim
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
WORKDIR /srv/vaedemo
COPY constraints.txt pyproject.toml README.md LICENSE app.py ./
COPY vaedemo vaedemo
COPY weights weights
RUN pip install --no-cache-dir --constraint constraints.txt ${TORCH_INDEX:+--extra-index-url $TORCH_INDEX} .
# Whatever user this runs as has no home; what is kept, is kept in /tmp, and is gone with the container.
ENV HOME=/tmp VAEDEMO_RUNS=/tmp/runs PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
EXPOSE 7860
CMD ["vaedemo", "demo", "--host", "0.0.0.0"]
