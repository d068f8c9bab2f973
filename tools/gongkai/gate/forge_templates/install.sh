git -C portal.git show refs/heads/main:gongkai-requirements.txt > requirements.txt
python3 -m venv engine
engine/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
